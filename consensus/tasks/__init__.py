"""What goes on beside the answers, for as long as the application runs."""
