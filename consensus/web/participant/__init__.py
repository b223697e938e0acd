"""What a person who answers meets."""
