"""Ten cards are decided on the wall by the keyboard alone. About half a minute.

Short form: tests/browser/test_keyboard.py
"""

from __future__ import annotations

from tests.browser.people import Crowd
from tests.browser.test_keyboard import TEN, decided_by_the_keyboard
from tests.conftest import Site


async def test_ten_cards_are_decided_on_the_wall_by_the_keyboard(site: Site, crowd: Crowd) -> None:
    await decided_by_the_keyboard(site, crowd, len(TEN))
