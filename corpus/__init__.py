"""Reading, table contracts, settings, workspace and errors: the ground floor. Part of narrashift."""
