#!/usr/bin/env python3
"""Recount a parcel: python3 -I recount.py, in the folder of the unzipped parcel.

Plain Python, standard library only: it reads ballots.csv, manifest.json and journal.jsonl, counts every ballot again
and compares each figure that codebook.csv marks as counted with results.csv. It shares no code with the software
that wrote the parcel. It prints what it checked and ends with 0, or prints the first difference and ends with 1.

Recompter un colis : python3 -I recount.py, dans le dossier du colis décompressé. Bibliothèque standard seulement :
chaque bulletin est compté de nouveau, chaque chiffre marqué « counted » est comparé. Fin 0 : tout concorde. Fin 1 :
la première différence est écrite.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
import csv
import json
import sys


def shown(value):
    """A figure as results.csv writes it: nothing where undefined, three decimals rounded half up."""
    if value is None:
        return ""
    if isinstance(value, Fraction):
        thousandths = int(abs(value) * 1000 + Fraction(1, 2))
        text = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
        return "-" + text if value < 0 and thousandths else text
    return str(value)


def standing(ballots):
    """The ballots that count: of each person and slot the latest that was not set aside, and none that was erased.

    A ballot that does not replace (replaces is False) stands beside all others; slot "" is a slot like another.
    """
    latest = {}
    for ballot in sorted((b for b in ballots if not b["aside"]), key=lambda ballot: ballot["seq"]):
        latest[(ballot["alias"], ballot["slot"]) if ballot["replaces"] else ballot["seq"]] = ballot
    return sorted((b for b in latest.values() if b["marks"] is not None), key=lambda ballot: ballot["seq"])


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
                        figures[name] = rating_quantile(numbers, Fraction(quarter, 4), 7)
                for value in range(1, top + 1):
                    figures["v" + str(value)] = numbers.count(value)
                for name, value in figures.items():
                    found[card, prefix + name, block] = value
    decisions = rating_decisions(round, found, blocks, top)
    for card in round["statements"]:
        found[card, "decision", ""] = decisions[card]
    return found


def rating_decisions(round, found, blocks, top):
    """What the rule of the round decides on each statement, from the figures counted above; None without a rule."""
    rule, cards = round["rule"], round["statements"]
    if not rule:
        return dict.fromkeys(cards)
    if rule["name"] == "majority":
        return rating_majority({card: [found[card, name, ""] for name in ("high", "low", "n")] for card in cards})
    decisions = {}
    for card in cards:
        numbers = [value for value in range(1, top + 1) for _ in range(found[card, "v" + str(value), ""])]
        boxes = [(found[card, "high", b], found[card, "low", b], found[card, "n", b]) for b in blocks]
        if rule["name"] == "ram":
            decisions[card] = rating_ram(rule, numbers, top)
        elif rule["name"] == "spread":
            decisions[card] = rating_spread(rule, numbers, top)
        else:
            decisions[card] = share_decision(rule, boxes)
    return decisions


def rating_quantile(numbers, p, kind):
    """The quantile of sorted numbers by one of the nine definitions of Hyndman and Fan; None without numbers."""
    n = len(numbers)
    if not n:
        return None
    half = Fraction(1, 2)
    moved = {3: -half, 5: half, 6: p, 7: 1 - p, 8: (p + 1) / 3, 9: p / 4 + Fraction(3, 8)}.get(kind, Fraction(0))
    place = n * p + moved
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
    """RAND/UCLA: the third that holds the median, undecided where the panel disagrees; on a scale drawn out to 1-9."""
    drawn = [1 + Fraction(8 * (value - 1), top - 1) for value in numbers]
    if not drawn:
        return "undecided"
    if rule["method"] == "ipras":
        low, high = (rating_quantile(drawn, Fraction(share, 10), rule["kind"]) for share in (3, 7))
        split = high - low > Fraction("2.35") + Fraction("1.5") * abs(5 - (low + high) / 2)
    else:
        enough = max(1, int(Fraction(len(drawn), 3) + Fraction(1, 2)))
        outer = (sum(1 for v in drawn if v < Fraction(7, 2)), sum(1 for v in drawn if v >= Fraction(13, 2)))
        split = min(outer) >= enough
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
    """boxes: card -> (high, low, answers). The cut-off: majority opinions of the round over all opinions."""
    opinions = sum(n for _, _, n in boxes.values())
    majority = sum(side for high, low, n in boxes.values() for side in (high, low) if side > n - side)
    decisions = {}
    for card, (high, low, n) in boxes.items():
        reached = [side > n - side and side * opinions >= majority * n for side in (high, low)]
        decisions[card] = "kept" if reached[0] else "dropped" if reached[1] else "undecided"
    return decisions


csv.field_size_limit(2**31 - 1)
FEW = 3  # once a round was reopened, answers of fewer people are set aside

Found = dict[tuple[str, str, str], Any]  # (statement, column, block) -> figure; block "" is everyone
Kinds = dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], Found]]


def table(name: str) -> list[dict[str, str]]:
    with Path(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def ballot(row: dict[str, str]) -> dict[str, Any]:
    marks = json.loads(row["marks"]) if row["marks"] else None
    told = {"replaces": row["replaces"] == "yes", "aside": row["set_aside"] == "yes"}
    return {**row, **told, "seq": int(row["seq"]), "marks": marks}


def closes(key: str) -> list[tuple[int, list[int] | None]]:
    """Each close of a round: its number in the journal, and the ballots that it set aside; None: it sets none aside."""
    found = []
    for line in Path("journal.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        entry = json.loads(line)
        said = json.loads(entry["payload"])
        if entry["act"] == "closed" and said["round"] == key:
            found.append((entry["seq"], said.get("set_aside")))
    return found


def counted_columns(key: str, ranked_by: str) -> list[tuple[str, str, str]]:
    """The columns of one round that are counted again: (name in results.csv, column, block)."""
    found = []
    for row in table("codebook.csv"):
        name = row["column"]
        if row["file"] != "results.csv" or row["counted"] != "yes":
            continue
        if name in ("rank", "rank_balanced") and key == ranked_by:
            found.append((name, name, ""))
        elif name.startswith(key + "."):
            column, _, block = name[len(key) + 1 :].removesuffix("]").partition("[")
            found.append((name, column, block))
    return found


def first_difference(columns: list[tuple[str, str, str]], found: Found, results: list[dict[str, str]]) -> str:
    for row in results:
        for name, column, block in columns:
            again = shown(found.get((row["statement"], column, block)))
            if row[name] != again:
                return f"results.csv: {row['statement']}, {name}: {row[name]!r}, counted again: {again!r}"
    return ""


def anew(cast: list[dict[str, Any]], since: dict[str, int], until: int) -> dict[str, list[dict[str, Any]]]:
    """By slot, the ballots of participants that came before this close, and after the last that counted the slot."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in cast:
        if one["role"] == "participant" and one["replaces"] and since[one["slot"]] < one["seq"] < until:
            found.setdefault(one["slot"], []).append(one)
    return found


def wrong_aside(cast: list[dict[str, Any]], closed: list[tuple[int, list[int] | None]]) -> str:
    """Does each later close set aside, slot by slot, the answers of one or two people, and no others? Somebody whose
    answers were erased may have left before that close or after it: there both are right."""
    since = {one["slot"]: closed[0][0] for one in cast if closed}
    for number, aside in closed[1:]:
        found = anew(cast, since, number)
        if aside is None:
            continue
        strange = set(aside) - {one["seq"] for here in found.values() for one in here}
        for slot, here in found.items():
            known = [one for one in here if one["marks"] is not None]
            most, least = len({one["alias"] for one in here}), len({one["alias"] for one in known})
            if any(one["seq"] in aside for one in here):
                strange |= {one["seq"] for one in known if least >= FEW or one["seq"] not in aside}
            else:
                strange |= {one["seq"] for one in known if most < FEW}
                since[slot] = number
        if strange:
            return f"journal.jsonl: entry {number}, set_aside: ballot {min(strange)}"
    last = set(closed[-1][1] or ()) if closed else set()
    for one in cast:
        if one["aside"] != (one["seq"] in last):
            return f"ballots.csv: ballot {one['seq']}, set_aside: {one['set_aside']!r}"
    return ""


def wrong_standing(cast: list[dict[str, Any]], counts: list[dict[str, Any]]) -> str:
    """Does the file say of each ballot whether it counts, as it follows from the ballots?"""
    those = {ballot["seq"] for ballot in counts}
    for one in cast:
        again = "yes" if one["seq"] in those else "no"
        if one["standing"] != again:
            return f"ballots.csv: ballot {one['seq']}, standing: {one['standing']!r}, counted again: {again!r}"
    return ""


def main(kinds: Kinds) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    manifest = json.loads(Path("manifest.json").read_text(encoding="utf-8"))
    results, ballots = table("results.csv"), [ballot(row) for row in table("ballots.csv")]
    checked: list[str] = []
    for round in manifest["rounds"]:
        cast = [one for one in ballots if one["round"] == round["key"]]
        counts = standing(cast)
        columns = counted_columns(round["key"], manifest["ranked_by"])
        difference = wrong_aside(cast, closes(round["key"])) or wrong_standing(cast, counts)
        difference = difference or first_difference(columns, kinds[round["kind"]](round, counts), results)
        if difference:
            sys.stdout.write(difference + "\n")
            return 1
        checked += [name for name, _, _ in columns]
    figures = len(checked) * len(results)
    sys.stdout.write(f"{len(ballots)} ballots, {len(checked)} columns, {figures} figures counted again: all agree.\n")
    sys.stdout.write(f"{len(ballots)} bulletins, {len(checked)} colonnes, {figures} chiffres recomptés : ")
    sys.stdout.write("tout concorde.\n" + ", ".join(checked) + "\n")
    return 0


KINDS = {
    "rating": rating,
}

if __name__ == "__main__":
    sys.exit(main(KINDS))
