"""Files that ship with the application; no code."""
