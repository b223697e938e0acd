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
import hashlib
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


def gather(round, ballots):
    """{}: proposals carry no figure."""
    return {}


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
    ranks = rating_ranks(round, found, decisions)
    for card in round["statements"]:
        found[card, "decision", ""] = decisions[card]
        found[card, "rank", ""] = ranks[card]
    return found


def rating_ranks(round, found, decisions):
    """The place of each statement where no round ranks: by verdict, then median, then share of high answers; equals
    share the best place."""
    verdicts = ["kept", "undecided", "dropped", None]
    keys = {}
    for card in round["statements"]:
        n, high = found[card, "n", ""], found[card, "high", ""]
        median = found.get((card, "median", "")) or 0
        keys[card] = (verdicts.index(decisions[card]), -median, -Fraction(high, n) if n else 0)
    return {card: 1 + sum(1 for other in keys.values() if other < keys[card]) for card in keys}


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


def validation(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    blocks = [block["key"] for block in round["blocks"]]
    found = {}
    for card in round["statements"]:
        heard = [
            (ballot["block"], ballot["seq"], ballot["marks"]["said"][card])
            for ballot in ballots
            if card in ballot["marks"].get("said", {}) and ballot["block"] in blocks
        ]
        for block in ["", *blocks]:
            here = [answer["say"] for where, _, answer in heard if block in ("", where)]
            found[card, "n", block] = len(here)
            for say in ("agree", "change", "object"):
                found[card, say, block] = here.count(say)
        asked = [f"{seq}-{card}" for _, seq, answer in heard if answer["say"] == "change"]
        outcomes = [validation_outcome(change, ballots) for change in asked]
        found[card, "taken", ""] = outcomes.count("take")
        found[card, "left", ""] = outcomes.count("leave")
        texts = [answer["text"] for _, _, answer in heard if answer["say"] == "object"]
        texts.sort(key=lambda text: hashlib.sha256(text.encode("utf-8")).hexdigest())
        found[card, "reasons", ""] = " | ".join(texts) or None
    return found


def validation_outcome(change, ballots):
    """What the team answered and did not undo: take, leave or None."""
    undone = [ballot["marks"]["undo"] for ballot in ballots if "undo" in ballot["marks"]]
    for ballot in sorted(ballots, key=lambda ballot: ballot["seq"]):
        if ballot["marks"].get("change") == change and ballot["seq"] not in undone:
            return ballot["marks"]["act"]
    return None


def wall(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    taken_back = [b["marks"]["undo"] for b in ballots if b["marks"]["act"] == "undo"]
    where = dict.fromkeys(round["statements"], ("memory", None))
    calls = {}
    for ballot in sorted(ballots, key=lambda ballot: ballot["seq"]):
        said, act = ballot["marks"], ballot["marks"]["act"]
        if act == "signal" or ballot["seq"] in taken_back:
            continue
        needs = said.get("cards", []) if act == "merge" else [said["card"]] if "card" in said else []
        if any(card not in where for card in needs):
            continue
        if act == "call":
            calls[said["card"]] = [*calls.get(said["card"], []), ballot["seq"]]
        if act == "move":
            where[said["card"]] = (said["to"], said["how"] or None)
        if act in ("merge", "split"):
            for card in needs:
                del where[card]
            for piece in said["pieces"]:
                where[piece["id"]] = (said["to"], said["how"] or None) if act == "merge" else ("memory", None)
    found = {}
    for card, (zone, how) in where.items():
        its_calls = calls.get(card, [])
        found[card, "zone", ""], found[card, "how", ""], found[card, "calls", ""] = zone, how, len(its_calls)
        for signal in ("keep", "unsure", "drop"):
            heard = [
                ballot["block"]
                for ballot in ballots
                if its_calls and ballot["marks"].get("call") == its_calls[-1] and ballot["marks"]["signal"] == signal
            ]
            parts = {block["key"]: heard.count(block["key"]) for block in round["blocks"]}
            for block, people in [("", sum(parts.values())), *parts.items()]:
                found[card, signal, block] = people if its_calls else None
    return found


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
    "compilation": compilation,
    "gather": gather,
    "ranking": ranking,
    "rating": rating,
    "validation": validation,
    "wall": wall,
}

if __name__ == "__main__":
    sys.exit(main(KINDS))
