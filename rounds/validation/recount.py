"""The validation round counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count.
"""


def validation(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone. Marks as files tell them: a
    change is its statement after 1, or after 0 where its author is not counted. Reasons stand
    apart."""
    blocks = [block["key"] for block in round["blocks"]]
    undone = [ballot["marks"]["undo"] for ballot in ballots if "undo" in ballot["marks"]]
    acts = [ballot["marks"] for ballot in ballots if ballot["seq"] not in undone or ballot["block"]]
    found = {}
    for card in round["statements"]:
        heard = [
            (ballot["block"], ballot["marks"]["said"][card])
            for ballot in ballots
            if card in ballot["marks"].get("said", {}) and ballot["block"] in blocks
        ]
        for block in ["", *blocks]:
            here = [answer["say"] for where, answer in heard if block in ("", where)]
            found[card, "n", block] = len(here)
            for say in ("agree", "change", "object"):
                found[card, say, block] = here.count(say)
        for act, column in (("take", "taken"), ("leave", "left")):
            those = [marks["change"] for marks in acts if marks.get("act") == act]
            found[card, column, ""] = sum(1 for change in those if change == "1-" + card)
    return found
