"""Reading, table contracts, settings, workspace and errors. Part of narrashift."""
