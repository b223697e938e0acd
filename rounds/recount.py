"""What the kinds' own second counts share: plain Python that every parcel carries in its recount.py.

Standard library only; nothing here reads a file, prints, or shares a line with the counts that it checks.
"""

from fractions import Fraction


def shown(value):
    """A figure as results.csv writes it: nothing where undefined, three decimals, half up."""
    if value is None:
        return ""
    if isinstance(value, Fraction):
        thousandths = int(abs(value) * 1000 + Fraction(1, 2))
        text = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
        return "-" + text if value < 0 and thousandths else text
    return str(value)


def share_decision(rule, boxes):
    """boxes: (in the band, in the opposite band, answers) of each block."""
    if not rule or rule["name"] != "share":
        return None
    boxes = [box for box in boxes if box[2]]
    if not boxes:
        return "undecided"

    percent = Fraction(str(rule["percent"]))  # decimals are stored as text
    opposite = None if rule["opposite"] is None else Fraction(str(rule["opposite"]))

    def passes(into, against, n):
        return into * 100 >= percent * n and (opposite is None or against * 100 < opposite * n)

    def holds(flip):
        sides = [(against, into, n) if flip else (into, against, n) for into, against, n in boxes]
        if rule["scope"] == "pooled":
            return passes(*(sum(side) for side in zip(*sides, strict=True)))
        if rule["scope"] == "balanced":
            into = sum(Fraction(side[0], side[2]) for side in sides)
            against = sum(Fraction(side[1], side[2]) for side in sides)
            return passes(into, against, len(sides))
        number = sum(1 for side in sides if passes(*side))
        return number == len(sides) if rule["scope"] == "every" else number >= rule["blocks"]

    kept, dropped = holds(False), holds(True)
    return "undecided" if kept == dropped else "kept" if kept else "dropped"
