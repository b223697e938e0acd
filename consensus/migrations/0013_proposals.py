import json
from hashlib import sha256
from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

ROUNDS = 'SELECT id, session_id, kind, state, statements, outcome FROM "round" ORDER BY session_id, position'
BALLOTS = "SELECT marks FROM ballot WHERE marks IS NOT NULL AND round_id = {}"
PARTS = ("statements", "ended")
KEPT = 'UPDATE "round" SET statements = {}, statements_hash = {}, outcome = {} WHERE id = {}'


async def raw_texts_leave(apps: Any, editor: Any) -> None:
    """No closed round tells proposals to everybody any more, and those that nobody says any more, since their author
    erased them, leave all that was stored. As the program of this day does it from now on; it never changes."""
    client, session, gone = editor.client, None, dict[str, Any]()
    for found in (await client.execute_query(ROUNDS))[1]:
        row = dict(found)
        gone = gone if row["session_id"] == session else {}
        session = row["session_id"]
        statements, outcome = _data(row["statements"]), _data(row["outcome"])
        before = _written([statements, outcome])
        taken = _written(statements)
        if row["kind"] == "gather" and row["state"] == "closed":
            marks = (await client.execute_query(BALLOTS.format(int(row["id"]))))[1]
            said = {json.loads(dict(one)["marks"])["text"] for one in marks}
            left = _left(outcome)["statements"]
            gone |= {one["id"]: one["wordings"] for one in left if not said & set(one["wordings"].values())}
            outcome["told" if "told" in outcome else "released"] |= {"statements": [], "places": {}}
        tallies = [told for told in (outcome or {}).values() if _is_tally(told)]
        lists = [statements or [], *(told[part] for told in tallies for part in PARTS)]
        for one in (one for listed in lists for one in listed if gone.get(one["id"]) == one["wordings"]):
            one |= {"wordings": dict.fromkeys(one["wordings"], ""), "nature": ""}
        if _written([statements, outcome]) != before:
            seal = sha256(taken.encode()).hexdigest() if _written(statements) != taken else ""
            await _keep(client, int(row["id"]), statements, seal, outcome)


def _left(outcome: dict[str, Any]) -> Any:
    """What the round hands on; where that is also what it tells, it is kept apart from now on."""
    if "told" not in outcome:
        return outcome["official"]
    return outcome.setdefault("left", dict(outcome["told"]))


def _is_tally(told: Any) -> bool:
    return isinstance(told, dict) and "statements" in told


async def _keep(client: Any, number: int, statements: Any, seal: str, outcome: Any) -> None:
    marks = ("?", "?", "?", "?") if client.capabilities.dialect == "sqlite" else ("$1", "$2", "$3", "$4")
    values = [_stored(statements), seal, _stored(outcome), number]
    await client.execute_query(KEPT.format(*marks), values)


def _data(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


def _stored(data: Any) -> str | None:
    return None if data is None else json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def _written(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Migration(migrations.Migration):
    dependencies = [("models", "0012_people")]

    operations = [
        ops.AddField(
            model_name="Round",
            name="statements_hash",
            field=fields.CharField(max_length=64, default="", db_default=""),
        ),
        ops.RunPython(raw_texts_leave, ops.RunPython.noop),
    ]
