"""The rating round counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count.
"""

from rounds.recount import Fraction, share_decision


def rating(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    tops = {"1-9": (9, 3, 7), "1-7": (7, 2, 6), "1-5": (5, 2, 4), "agree": (3, 1, 3)}
    settings = round["settings"]
    top, low_to, high_from = tops[settings["scale"]]
    criteria = [("", settings["criterion"])]
    if settings["second"]:
        criteria.append(("second_", settings["second"]))
    blocks = [block["key"] for block in round["blocks"]]
    found = {}
    for card in round["statements"]:
        for prefix, criterion in criteria:
            given = {block: [] for block in blocks}
            for ballot in ballots:
                here = ballot["marks"]["card"] == card and ballot["block"] in given
                if here and criterion in ballot["marks"]["values"]:
                    given[ballot["block"]].append(ballot["marks"]["values"][criterion])
            everyone = [value for block in blocks for value in given[block]]
            for block, answers in [("", everyone), *given.items()]:
                numbers = sorted(value for value in answers if value != "dont_know")
                low = sum(1 for value in numbers if value <= low_to)
                high = sum(1 for value in numbers if value >= high_from)
                n = len(numbers)
                figures = {"n": n, "dont_know": len(answers) - n, "low": low, "high": high}
                figures["mid"] = n - low - high
                if settings["scale"] != "agree":
                    for name, quarter in (("q1", 1), ("median", 2), ("q3", 3)):
                        figures[name] = rating_quantile(numbers, Fraction(quarter, 4), 7)
                for value in range(1, top + 1):
                    figures["v" + str(value)] = numbers.count(value)
                for name, value in figures.items():
                    found[card, prefix + name, block] = value
    if settings.get("flags"):  # rounds sealed before there were any have none
        rating_flags(round, ballots, blocks, found)
    decisions = rating_decisions(round, found, blocks, top)
    ranks = rating_ranks(round, found, decisions)
    for card in round["statements"]:
        found[card, "decision", ""] = decisions[card]
        found[card, "rank", ""] = ranks[card]
    return found


def rating_flags(round, ballots, blocks, found):
    """How many people marked each statement as what matters most to them, of how many who answered
    that."""
    for block in blocks:
        here = [ballot["marks"] for ballot in ballots if ballot["block"] == block]
        marked = [marks["flags"] for marks in here if "flags" in marks]
        for card in round["statements"]:
            found[card, "flagged", block] = sum(1 for cards in marked if card in cards)
            found[card, "flag_n", block] = len(marked)
    for card in round["statements"]:
        for name in ("flagged", "flag_n"):
            found[card, name, ""] = sum(found[card, name, block] for block in blocks)


def rating_ranks(round, found, decisions):
    """The place of each statement where no round ranks: by verdict, then median, then share of high
    answers; equals share the best place."""
    verdicts = ["kept", "undecided", "dropped", None]
    keys = {}
    for card in round["statements"]:
        n, high = found[card, "n", ""], found[card, "high", ""]
        median = found.get((card, "median", "")) or 0
        keys[card] = (verdicts.index(decisions[card]), -median, -Fraction(high, n) if n else 0)
    return {card: 1 + sum(1 for other in keys.values() if other < keys[card]) for card in keys}


def rating_decisions(round, found, blocks, top):
    """What the rule of the round decides on each statement, from the figures counted above; None
    without a rule."""
    rule, cards = round["rule"], round["statements"]
    if not rule:
        return dict.fromkeys(cards)
    if rule["name"] == "majority":
        names = ("high", "low", "n")
        return rating_majority({card: [found[card, name, ""] for name in names] for card in cards})
    decisions = {}
    for card in cards:
        votes = {value: found[card, "v" + str(value), ""] for value in range(1, top + 1)}
        numbers = [value for value, people in votes.items() for _ in range(people)]
        boxes = [tuple(found[card, name, b] for name in ("high", "low", "n")) for b in blocks]
        if rule["name"] == "ram":
            decisions[card] = rating_ram(rule, numbers, top)
        elif rule["name"] == "spread":
            decisions[card] = rating_spread(rule, numbers, top)
        else:
            decisions[card] = share_decision(rule, boxes)
    return decisions


def rating_quantile(numbers, p, kind):
    """The quantile of sorted numbers by one of the nine definitions of Hyndman and Fan; None
    without numbers."""
    n = len(numbers)
    if not n:
        return None
    half = Fraction(1, 2)
    moved = {3: -half, 5: half, 6: p, 7: 1 - p, 8: (p + 1) / 3, 9: p / 4 + Fraction(3, 8)}
    place = n * p + moved.get(kind, 0)
    whole = place.numerator // place.denominator
    rest = place - whole
    if kind == 1:
        rest = 1 if rest else 0
    elif kind == 2:
        rest = 1 if rest else half
    elif kind == 3:
        rest = 1 if rest or whole % 2 else 0
    lower, upper = (numbers[min(max(at, 1), n) - 1] for at in (whole, whole + 1))
    return lower + rest * Fraction(upper - lower)


def rating_ram(rule, numbers, top):
    """RAND/UCLA: the third that holds the median, undecided where the panel disagrees; on a scale
    drawn out to 1-9."""
    drawn = [1 + Fraction(8 * (value - 1), top - 1) for value in numbers]
    if not drawn:
        return "undecided"
    if rule["method"] == "ipras":
        low, high = (rating_quantile(drawn, Fraction(share, 10), rule["kind"]) for share in (3, 7))
        split = high - low > Fraction("2.35") + Fraction("1.5") * abs(5 - (low + high) / 2)
    else:
        enough = max(1, int(Fraction(len(drawn), 3) + Fraction(1, 2)))
        low = sum(1 for value in drawn if value < Fraction(7, 2))
        high = sum(1 for value in drawn if value >= Fraction(13, 2))
        split = min(low, high) >= enough
    middle = rating_quantile(drawn, Fraction(1, 2), 7)
    if split or Fraction(7, 2) <= middle < Fraction(13, 2):
        return "undecided"
    return "kept" if middle > 5 else "dropped"


def rating_spread(rule, numbers, top):
    """A median high (or, mirrored, low) enough, and an interquartile range narrow enough."""
    if not numbers:
        return "undecided"
    low, high = (rating_quantile(numbers, Fraction(quarter, 4), rule["kind"]) for quarter in (1, 3))
    middle, limit = rating_quantile(numbers, Fraction(1, 2), 7), Fraction(str(rule["median"]))
    kept, dropped = middle >= limit, top + 1 - middle >= limit
    if high - low > Fraction(str(rule["iqr"])) or kept == dropped:
        return "undecided"
    return "kept" if kept else "dropped"


def rating_majority(boxes):
    """boxes: card -> (high, low, answers). The cut-off: majority opinions of the round over all
    opinions."""
    opinions = sum(n for _, _, n in boxes.values())
    sides = [(side, n) for high, low, n in boxes.values() for side in (high, low)]
    majority = sum(side for side, n in sides if side > n - side)
    decisions = {}
    for card, (high, low, n) in boxes.items():
        reached = [side > n - side and side * opinions >= majority * n for side in (high, low)]
        decisions[card] = "kept" if reached[0] else "dropped" if reached[1] else "undecided"
    return decisions
