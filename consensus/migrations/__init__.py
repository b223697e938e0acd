"""The tables as they changed, oldest first; written by the ORM's own tool and read by the store at start."""
