"""What the proofs begin with, as their short forms do: browsers, and a file with one session per kind."""

from tests.browser.conftest import box, crowd, mailing
from tests.consensus.test_count import laid

__all__ = ["box", "crowd", "laid", "mailing"]
