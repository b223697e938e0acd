"""The signs of twelve groups as they are drawn: told apart without colour, as small as they come, and on paper."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from consensus import conduct, models
from tests.browser.people import DESK, Crowd
from tests.conftest import Site, lay_table

SIZE = 12  # pixels
FIRST = 6  # groups, each with a colour of its own
GROUPS = [
    {"key": key, "names": {"en": f"Group {n}", "fr": f"Groupe {n}"}, "shape": n}
    for n, key in enumerate(("patients", "caregivers", "clinicians", *(f"g{n}" for n in range(4, 13))), 1)
]
# How much ink is in each pixel of the picture of each group, whatever its colour.
INKS = """async ([shapes, size]) => {
  const found = [];
  for (const shape of shapes) {
    const image = new Image();
    image.src = "data:image/svg+xml," + encodeURIComponent(shape.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"'));
    await image.decode();
    const pen = new OffscreenCanvas(size, size).getContext("2d");
    pen.drawImage(image, 0, 0, size, size);
    found.push([...pen.getImageData(0, 0, size, size).data].filter((_, n) => n % 4 === 3));
  }
  return found;
}"""
# Each group's ink alone on a large square, all colours being the same.
SQUARES = """(groups) => {
  for (let n = 1; n <= 6; n++) document.documentElement.style.setProperty(`--g${n}`, "#000000");
  const squares = Array.from({ length: groups }, (_, n) => `<rect class="f-g${n + 1}" width="48" height="48"/>`);
  const pictures = squares.map((one) => `<svg class="square" width="48" height="48">${one}</svg>`);
  document.querySelector("main").innerHTML = pictures.join(" ");
}"""


async def _door(site: Site) -> str:
    """Where a person chooses among all groups."""
    table = await lay_table(site.house, groups=GROUPS)
    await conduct.open_door(site.house, table.fay, takes_newcomers=True)
    return f"/r/{(await models.Session.get(id=table.session.id)).room}"


async def test_twelve_shapes_are_all_different_in_black_and_white_at_12_pixels(site: Site, crowd: Crowd) -> None:
    """Of two pictures, the share of their ink that they have in common. No new pair is more alike than the two most
    alike of the first six have always been."""
    someone = await crowd.comes("someone", "en", DESK)
    await someone.goes(await _door(site))
    shapes = await someone.page.locator("fieldset svg.shape").evaluate_all("(all) => all.map((one) => one.outerHTML)")
    blank = await crowd.browser.new_page()  # under no policy, which would refuse a picture that is no file
    drawn = np.array(await blank.evaluate(INKS, [shapes, SIZE]), dtype=float)
    await blank.close()
    assert drawn.shape == (len(GROUPS), SIZE * SIZE) and (drawn.sum(axis=1) > 0).all()
    alike = {
        (a + 1, b + 1): np.minimum(drawn[a], drawn[b]).sum() / np.maximum(drawn[a], drawn[b]).sum()
        for a, b in combinations(range(len(GROUPS)), 2)
    }
    known = max(share for pair, share in alike.items() if max(pair) <= FIRST)
    assert max(share for pair, share in alike.items() if max(pair) > FIRST) < known, alike


async def test_groups_of_one_colour_have_patterns_of_their_own_on_paper(site: Site, crowd: Crowd) -> None:
    someone = await crowd.comes("someone", "en", DESK)
    await someone.goes(await _door(site))
    await someone.page.evaluate(SQUARES, len(GROUPS))
    await someone.page.emulate_media(media="print")
    squares = await someone.page.locator(".square").all()
    assert len({await square.screenshot() for square in squares}) == len(GROUPS)
    await someone.page.emulate_media(media="screen", forced_colors="active")
    assert len({await square.screenshot() for square in squares}) == len(GROUPS)
