"""Real pages in a real browser: what people see, tap and type."""
