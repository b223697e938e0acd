"""The wall counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count.
"""


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
