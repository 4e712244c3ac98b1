"""What leaves a case for other programs: one module a format, fed by tables that are redacted once.

`source` redacts and keeps the tables, `registry` knows the formats, `publishing` puts what they
wrote into place. The formats never see a table as it was read.
"""
