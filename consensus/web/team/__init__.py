"""What the team runs a session with."""
