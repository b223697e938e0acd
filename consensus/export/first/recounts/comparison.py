"""The comparison counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count. Here each showing of a
statement is written out as +1 (most), -1 (least) or 0 (between). What lay in a set stands in its ballot.
"""

from consensus.export.first.recounts.shared import Fraction


def comparison(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    blocks = [block["key"] for block in round["blocks"]]
    found = {}
    for card in round["statements"]:
        with_it = [ballot for ballot in ballots if card in ballot["marks"]["shown"] and ballot["block"] in blocks]
        for block in [*blocks, ""]:
            here = [ballot for ballot in with_it if block in ("", ballot["block"])]
            chosen = [ballot for ballot in here if ballot["marks"]["best"] is not None]
            said = [comparison_said(card, ballot["marks"]) for ballot in chosen]
            found[card, "shown", block] = len(said)
            found[card, "cannot_say", block] = len(here) - len(chosen)
            found[card, "best", block] = said.count(1)
            found[card, "worst", block] = said.count(-1)
            found[card, "n", block] = len({ballot["alias"] for ballot in chosen})
            found[card, "score", block] = sum(said) if said else None
            found[card, "per_showing", block] = Fraction(sum(said), len(said)) if said else None
    balanced = {}
    for card in round["statements"]:
        means = [found[card, "per_showing", block] for block in blocks]
        means = [mean for mean in means if mean is not None]
        balanced[card] = sum(means) / len(means) if means else None
    for card in round["statements"]:
        rank = comparison_rank(card, {other: found[other, "per_showing", ""] for other in balanced})
        found[card, "rank", ""] = rank
        found[card, "rank_balanced", ""] = comparison_rank(card, balanced)
        found[card, "decision", ""] = None
        if round["rule"] and round["rule"]["name"] == "first":
            kept = "kept" if rank is not None and rank <= round["rule"]["n"] else "dropped"
            found[card, "decision", ""] = "undecided" if rank is None else kept
    return found


def comparison_said(card, marks):
    return (marks["best"] == card) - (marks["worst"] == card)


def comparison_rank(card, scores):
    """One more than the number of statements that score higher."""
    if scores[card] is None:
        return None
    return 1 + sum(1 for score in scores.values() if score is not None and score > scores[card])
