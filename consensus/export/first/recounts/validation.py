"""The validation round counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count.
"""

import hashlib


def validation(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    blocks = [block["key"] for block in round["blocks"]]
    found = {}
    for card in round["statements"]:
        heard = [
            (ballot["block"], ballot["seq"], ballot["marks"]["said"][card])
            for ballot in ballots
            if card in ballot["marks"].get("said", {}) and ballot["block"] in blocks
        ]
        for block in ["", *blocks]:
            here = [answer["say"] for where, _, answer in heard if block in ("", where)]
            found[card, "n", block] = len(here)
            for say in ("agree", "change", "object"):
                found[card, say, block] = here.count(say)
        asked = [f"{seq}-{card}" for _, seq, answer in heard if answer["say"] == "change"]
        outcomes = [validation_outcome(change, ballots) for change in asked]
        found[card, "taken", ""] = outcomes.count("take")
        found[card, "left", ""] = outcomes.count("leave")
        texts = [answer["text"] for _, _, answer in heard if answer["say"] == "object"]
        texts.sort(key=lambda text: hashlib.sha256(text.encode("utf-8")).hexdigest())
        found[card, "reasons", ""] = " | ".join(texts) or None
    return found


def validation_outcome(change, ballots):
    """What the team answered and did not undo: take, leave or None."""
    undone = [ballot["marks"]["undo"] for ballot in ballots if "undo" in ballot["marks"]]
    for ballot in sorted(ballots, key=lambda ballot: ballot["seq"]):
        if ballot["marks"].get("change") == change and ballot["seq"] not in undone:
            return ballot["marks"]["act"]
    return None
