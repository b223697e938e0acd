"""The compilation round counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count.
"""


def compilation(round, ballots):
    """{(statement, "proposals", ""): how many proposals stand behind each accepted statement}."""
    undone = {ballot["marks"]["undo"] for ballot in ballots if ballot["marks"]["act"] == "undo"}
    behind = {card: {card} for card in round["statements"]}
    seen = set(behind)
    standing = set()
    for ballot in sorted(ballots, key=lambda ballot: ballot["seq"]):
        marks = ballot["marks"]
        if ballot["seq"] in undone or marks["act"] in ("undo", "check", "reword"):
            continue
        made = [new["id"] for new in marks.get("made", [])]
        if any(card not in behind for card in marks["of"]) or any(card in seen for card in made):
            continue
        sources = [behind.pop(card) for card in marks["of"]]
        standing.difference_update(marks["of"])
        seen.update(made)
        standing.update(made)
        for place, new in enumerate(made):
            behind[new] = sources[place] if marks["act"] == "accept_all" else set().union(*sources)
    return {(card, "proposals", ""): len(behind[card]) for card in standing}
