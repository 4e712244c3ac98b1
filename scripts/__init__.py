"""Analysts' and maintainers' scripts: parse arguments, call one public function."""
