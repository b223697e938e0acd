"""One session, from the first sentence to the list, by seven hands at five screens."""

from __future__ import annotations

from pathlib import Path

from tests.browser import first_half, second_half
from tests.browser.people import Crowd
from tests.browser.stage import begin
from tests.conftest import Site


async def test_a_group_goes_from_first_sentence_to_prioritised_list(site: Site, crowd: Crowd, tmp_path: Path) -> None:
    story = await begin(site, crowd)
    await first_half.gather(story)
    await first_half.compilation(story)
    await first_half.rating(story)
    await second_half.wall(story)
    await second_half.ranking(story)
    await second_half.validation(story)
    await second_half.what_is_left(story, tmp_path)
    crowd.heard_nothing()
