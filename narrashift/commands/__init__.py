"""The commands, by what they do to a case: make it, look into it, let it out."""
