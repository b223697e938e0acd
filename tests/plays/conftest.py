"""What a story in a browser begins with, as beside the other pages."""

from tests.browser.conftest import crowd

__all__ = ["crowd"]
