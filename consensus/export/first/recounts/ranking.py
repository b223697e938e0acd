"""The ranking round counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count. Here every ballot is
written out as the list of everyone's places, and the places are averaged.
"""

from consensus.export.first.recounts.shared import Fraction


def ranking(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    cards = round["statements"]
    blocks = [block["key"] for block in round["blocks"]]
    below = round["settings"]["unranked"] == "below"
    given = {(card, block): [] for card in cards for block in blocks}
    found = {}
    for block in blocks:
        here = [ballot["marks"]["order"] for ballot in ballots if ballot["block"] == block]
        for order in here:
            for card, place in ranking_places(order, cards, below).items():
                given[card, block].append(place)
        for card in cards:
            found[card, "n", block] = len(here)
            found[card, "placed", block] = sum(1 for order in here if any(card in tier for tier in order))
            found[card, "first", block] = sum(1 for order in here if card in order[0])
            found[card, "mean_rank", block] = ranking_mean(given[card, block])
    balanced = {}
    for card in cards:
        for column in ("n", "placed", "first"):
            found[card, column, ""] = sum(found[card, column, block] for block in blocks)
        found[card, "mean_rank", ""] = ranking_mean([place for block in blocks for place in given[card, block]])
        means = [found[card, "mean_rank", block] for block in blocks]
        balanced[card] = ranking_mean([mean for mean in means if mean is not None])
    rule = round["rule"]
    for card in cards:
        rank = ranking_rank(card, {other: found[other, "mean_rank", ""] for other in cards})
        found[card, "rank", ""] = rank
        found[card, "rank_balanced", ""] = ranking_rank(card, balanced)
        found[card, "decision", ""] = None
        if rule and rule["name"] == "first":
            found[card, "decision", ""] = "undecided" if rank is None else "kept" if rank <= rule["n"] else "dropped"
    return found


def ranking_places(order, cards, below):
    """The place of each card in one ballot: together on a place, together on the mean of the places taken up."""
    tiers = [list(tier) for tier in order]
    unranked = [card for card in cards if not any(card in tier for tier in tiers)]
    if below and unranked:
        tiers.append(unranked)
    places, next_place = {}, 1
    for tier in tiers:
        taken_up = range(next_place, next_place + len(tier))
        for card in tier:
            places[card] = Fraction(sum(taken_up), len(tier))
        next_place += len(tier)
    return places


def ranking_mean(numbers):
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else None


def ranking_rank(card, means):
    """One more than the number of cards that stand before it."""
    if means[card] is None:
        return None
    return 1 + sum(1 for mean in means.values() if mean is not None and mean < means[card])
