"""What a session leaves, as pages."""
