"""Findings, the HTML report, tables for other tools, pseudonyms. Part of narrashift."""
