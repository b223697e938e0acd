"""The line of the house's journal that fixed which way of counting leads, as it goes along in the parcel of a study;
and whether a parcel's line says what its list does.

The line seals itself: whoever has the journal of the house finds its hash there, before any round of the study opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from consensus import models
from consensus.export.opened import Breach
from consensus.journal import HOUSE, seal

ACT = "choose_headline"
DEFAULT = "nested"  # of studies that were made before their journal said it, and in which nobody chose
COLUMNS = ("seq", "at", "role", "alias", "act", "payload", "prev", "hash")


async def chosen_in_journal(study_id: int) -> dict[str, Any] | None:
    """The last such line about this study, by column; None where there is none."""
    lines = await models.Entry.filter(head=HOUSE, act=ACT).order_by("-seq").values(*COLUMNS)
    return next((line for line in lines if json.loads(line["payload"])["study"] == study_id), None)


def check_headline(manifest: Mapping[str, Any]) -> None:
    """Breach: the line is not as it was sealed, or fixed another way of counting than the one that leads."""
    line = manifest.get("headline_line")  # parcels of before have none
    if line is None:
        said = DEFAULT
    elif set(line) != set(COLUMNS) or line["act"] != ACT or line["hash"] != seal(line["prev"], line):
        raise Breach("verify.changed", file="manifest.json")
    else:
        said = json.loads(line["payload"])["headline"]
    if said != manifest["headline"]:
        raise Breach("verify.other_headline", file="manifest.json", said=str(said)[:20])
