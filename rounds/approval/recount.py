"""The approval counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count. Here everybody's yes or
silence about a statement is written out as a list.
"""

from rounds.recount import Fraction, share_decision


def approval(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    blocks = [block["key"] for block in round["blocks"]]
    found, pooled, balanced = {}, {}, {}
    for card in round["statements"]:
        marked = {}
        for block in blocks:
            theirs = [one["marks"]["chosen"] for one in ballots if one["block"] == block]
            marked[block] = [card in chosen for chosen in theirs]
        marked[""] = [each for block in blocks for each in marked[block]]
        for block, each in marked.items():
            found[card, "n", block] = len(each)
            found[card, "chosen", block] = each.count(True)
            found[card, "share", block] = Fraction(each.count(True), len(each)) if each else None
        shares = [found[card, "share", block] for block in blocks if marked[block]]
        pooled[card] = found[card, "share", ""]
        balanced[card] = sum(shares) / len(shares) if shares else None
    for card in round["statements"]:
        boxes = [(found[card, "chosen", block], found[card, "n", block]) for block in blocks]
        rank = found[card, "rank", ""] = approval_rank(card, pooled)
        found[card, "rank_balanced", ""] = approval_rank(card, balanced)
        found[card, "decision", ""] = approval_decision(round["rule"], boxes, rank)
    return found


def approval_rank(card, shares):
    """One more than the number of statements that a larger share chose."""
    if shares[card] is None:
        return None
    return 1 + sum(1 for share in shares.values() if share > shares[card])


def approval_decision(rule, boxes, rank):
    """By the place, or by a share of those who answered, where silence is no vote against."""
    if rule and rule["name"] == "first":
        return "undecided" if rank is None else "kept" if rank <= rule["n"] else "dropped"
    if rule and rule["name"] == "chosen":
        as_share = {**rule, "name": "share", "opposite": None}
        return share_decision(as_share, [(yes, 0, n) for yes, n in boxes])
    return None
