"""The round of points counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count. Here everybody's points for
a statement are written out as a list, noughts included.
"""

from consensus.export.first.recounts.shared import Fraction


def points(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    blocks = [block["key"] for block in round["blocks"]]
    sheets = {block: [one["marks"]["points"] for one in ballots if one["block"] == block] for block in blocks}
    sheets[""] = [sheet for block in blocks for sheet in sheets[block]]
    found = {}
    for card in round["statements"]:
        for block, given in sheets.items():
            each = [sheet.get(card, 0) for sheet in given]
            everything = sum(sum(sheet.values()) for sheet in given)
            found[card, "n", block] = len(each)
            found[card, "points", block] = sum(each)
            found[card, "given", block] = len([one for one in each if one > 0])
            found[card, "share", block] = Fraction(sum(each), everything) if each else None
            found[card, "mean", block] = Fraction(sum(each), len(each)) if each else None
    pooled = {card: found[card, "mean", ""] for card in round["statements"]}
    balanced = {}
    for card in round["statements"]:
        means = [found[card, "mean", block] for block in blocks if sheets[block]]
        balanced[card] = sum(means) / len(means) if means else None
    for card in round["statements"]:
        rank = points_rank(card, pooled)
        found[card, "rank", ""] = rank
        found[card, "rank_balanced", ""] = points_rank(card, balanced)
        found[card, "decision", ""] = None
        if round["rule"] and round["rule"]["name"] == "first":
            kept = "kept" if rank is not None and rank <= round["rule"]["n"] else "dropped"
            found[card, "decision", ""] = "undecided" if rank is None else kept
    return found


def points_rank(card, means):
    """One more than the number of statements with more points."""
    if means[card] is None:
        return None
    return 1 + sum(1 for mean in means.values() if mean > means[card])
