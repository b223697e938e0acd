"""The light theme for drawings that leave the house: the colours of the tokens put into the drawings' own classes.

A picture in a manuscript has neither our style sheets nor a theme. Nothing is written twice: both come from static/css.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from consensus.statics import Statics, bare

TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
USED = re.compile(r"var\(--([\w-]+)\)")


def inks(statics: Statics) -> Markup:
    """KeyError where a class names a colour that the light theme does not have: a defect, found at start."""
    light = dict(TOKEN.findall(statics.text("css/tokens.css").partition("}")[0]))
    drawings = statics.text("css/base.css").partition("/* Drawings:")[2].partition("*/")[2].partition("@media")[0]
    return Markup(bare(USED.sub(lambda used: light[used[1]], drawings)))  # noqa: S704  # our own style sheet
