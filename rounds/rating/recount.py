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
                figures = {"n": len(numbers), "dont_know": len(answers) - len(numbers), "low": low, "high": high}
                figures["mid"] = len(numbers) - low - high
                if settings["scale"] != "agree":
                    for name, quarter in (("q1", 1), ("median", 2), ("q3", 3)):
                        figures[name] = rating_quartile(numbers, quarter)
                for name, value in figures.items():
                    found[card, prefix + name, block] = value
        found[card, "decision", ""] = share_decision(
            round["rule"],
            [(found[card, "high", b], found[card, "low", b], found[card, "n", b]) for b in blocks],
        )
    return found


def rating_quartile(numbers, quarter):
    """Linear interpolation between the two nearest answers, in exact quarters."""
    if not numbers:
        return None
    place, rest = divmod(quarter * (len(numbers) - 1), 4)
    upper = numbers[min(place + 1, len(numbers) - 1)]
    return Fraction(4 * numbers[place] + rest * (upper - numbers[place]), 4)
