"""The application round the method: tables, acts, live rooms, pages, exports, people."""

__version__ = "0.1.0"
