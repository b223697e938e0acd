"""The ranking round counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count. Here every ballot is
written out as the list of everyone's places, and the places are averaged; or each two cards of it are held against each
other.
"""

from math import lcm

from rounds.recount import Fraction


def ranking(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    cards = round["statements"]
    blocks = [block["key"] for block in round["blocks"]]
    below = round["settings"]["unranked"] == "below"
    way = round["settings"].get("order", "mean_rank")  # rounds sealed before there was a choice
    given = {(card, block): [] for card in cards for block in blocks}
    duels, found = {}, {}
    for block in blocks:
        here = [ballot["marks"]["order"] for ballot in ballots if ballot["block"] == block]
        for order in here:
            for card, place in ranking_places(order, cards, below).items():
                given[card, block].append(place)
        for card in cards:
            placed = sum(1 for order in here if any(card in tier for tier in order))
            found[card, "n", block] = len(here) if below or placed else 0
            found[card, "placed", block] = placed
            found[card, "first", block] = sum(1 for order in here if card in order[0])
            found[card, "mean_rank", block] = ranking_mean(given[card, block])
        if way != "mean_rank":
            duels[block] = [ranking_duels(ranking_places(order, cards, below)) for order in here]
        if way == "borda":
            for card in cards:
                found[card, "beaten", block] = ranking_beaten(card, cards, duels[block])
    for card in cards:
        for column in ("n", "placed", "first"):
            found[card, column, ""] = sum(found[card, column, block] for block in blocks)
        everyone = [place for block in blocks for place in given[card, block]]
        found[card, "mean_rank", ""] = ranking_mean(everyone)
        if way == "borda":
            found[card, "beaten", ""] = ranking_beaten(card, cards, sum(duels.values(), []))
    if way in ("mean_rank", "borda"):
        column = "beaten" if way == "borda" else way
        whole, balanced = ranking_by_figure(column, cards, blocks, found)
    else:
        shares = {block: Fraction(1, len(duels[block])) for block in blocks if duels[block]}
        whole = ranking_by_pairs(way, cards, duels, dict.fromkeys(shares, Fraction(1)))
        balanced = ranking_by_pairs(way, cards, duels, shares)
    rule = round["rule"]
    for card in cards:
        rank = ranking_rank(card, whole)
        found[card, "rank", ""] = rank
        found[card, "rank_balanced", ""] = ranking_rank(card, balanced)
        found[card, "decision", ""] = None
        if rule and rule["name"] == "first":
            decision = "kept" if rank is not None and rank <= rule["n"] else "dropped"
            found[card, "decision", ""] = "undecided" if rank is None else decision
    return found


def ranking_places(order, cards, below):
    """The place of each card in one ballot: together on a place, together on the mean of the places
    taken up."""
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


def ranking_duels(places):
    """What one ballot says of each card against each other: 2 where it stands before it, 1 where
    they are level."""
    duels = {}
    for one in places:
        others = [other for other in places if other != one]
        ahead = {other for other in others if places[one] < places[other]}
        level = {other for other in others if places[one] == places[other]}
        duels[one] = {other: 2 * (other in ahead) + (other in level) for other in others}
    return duels


def ranking_beaten(card, cards, duels):
    """The part of all its duels that a card wins; all of them where there is no other card."""
    if duels and len(cards) == 1:
        return Fraction(1)
    halves = [won for ballot in duels for won in ballot.get(card, {}).values()]
    return Fraction(sum(halves), 2 * len(halves)) if halves else None


def ranking_by_figure(column, cards, blocks, found):
    """{card: what is low for the first}, of all people and of the mean of the blocks' figures."""
    sign = -1 if column == "beaten" else 1
    whole, balanced = {}, {}
    for card in cards:
        figures = [found[card, column, block] for block in blocks]
        known = [figure for figure in figures if figure is not None]
        whole[card] = None if found[card, column, ""] is None else sign * found[card, column, ""]
        balanced[card] = sign * ranking_mean(known) if known else None
    return whole, balanced


def ranking_by_pairs(way, cards, duels, weights):
    """{card: its place from 0}, the cards of one place level; nothing where nobody answered."""
    if not weights:
        return dict.fromkeys(cards)
    votes = {(one, other): Fraction(0) for one in cards for other in cards}
    for block, weight in weights.items():
        for ballot in duels[block]:
            for one, others in ballot.items():
                for other in others:
                    votes[one, other] += weight if others[other] == 2 else 0
    before = ranking_schulze(cards, votes) if way == "schulze" else ranking_kemeny(cards, votes)
    levels, left, level = {}, set(cards), 0
    while left:
        free = {card for card in left if not any((other, card) in before for other in left)}
        levels.update(dict.fromkeys(free, level))
        left -= free
        level += 1
    return levels


def ranking_schulze(cards, votes):
    """The pairs in which the first is before the other: it reaches it over stronger steps than it
    is reached."""

    def strongest(start):
        """To each card the way whose weakest step is the strongest: from the strongest way on."""
        reached, waiting = {}, {card: Fraction(0) for card in cards if card != start}
        here, strength = start, None
        while True:
            for card in waiting:
                step = votes[here, card] if votes[here, card] > votes[card, here] else Fraction(0)
                way = step if strength is None else min(step, strength)
                waiting[card] = max(waiting[card], way)
            if not waiting:
                return reached
            here = max(waiting, key=waiting.get)
            strength = reached[here] = waiting.pop(here)

    ways = {card: strongest(card) for card in cards}
    pairs = [(one, other) for one in cards for other in ways[one]]
    return {(one, other) for one, other in pairs if ways[one][other] > ways[other][one]}


def ranking_kemeny(cards, votes):
    """The pairs in which the first is before the other in every order that contradicts the fewest
    votes.

    Every set of cards is taken as the last ones of an order, and what it costs at least to put
    them in order is worked out, the smaller sets first. A set is a number, each card a bit of it.
    """
    scale = lcm(*(each.denominator for each in votes.values()))
    size = len(cards)
    cost = [[int(votes[other, one] * scale) for other in cards] for one in cards]
    inside = [[card for card in range(size) if each >> card & 1] for each in range(1 << size)]

    def dear(card, rest):
        """What it costs to put this card first of the rest, and the others in the best order."""
        after = rest ^ 1 << card
        return sum(cost[card][other] for other in inside[after]) + least[after]

    least = [0]
    for rest in range(1, 1 << size):
        least.append(min(dear(card, rest) for card in inside[rest]))
    open_pairs, met, waiting = set(), set(), [(1 << size) - 1]
    while waiting:
        rest = waiting.pop()
        for card in inside[rest]:
            after = rest ^ 1 << card
            if rest not in met and dear(card, rest) == least[rest]:
                open_pairs |= {(other, card) for other in inside[after]}
                waiting.append(after)
        met.add(rest)
    return {
        (cards[one], cards[other])
        for one in range(size)
        for other in range(size)
        if one != other and (one, other) not in open_pairs
    }
