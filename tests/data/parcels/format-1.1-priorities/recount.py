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
    "comparison": comparison,
    "points": points,
    "ranking": ranking,
    "validation": validation,
}

if __name__ == "__main__":
    sys.exit(main(KINDS))
