"""Names that cannot be tied together, and a second seal without order.

Lines of before keep the alias that they told; whose it was moves into the row. Rounds that are open go on with the
order of cards in which they began. Where a card stood is kept by thirds from here on, and was never kept for long.
"""

import functools
import json

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

JSON = functools.partial(json.dumps, separators=(",", ":"))
SEAT_OF_ALIAS = "(SELECT s.id FROM seat s WHERE s.alias = entry.alias AND 'session-' || s.session_id = entry.head)"


async def name_those_meant(apps, editor) -> None:
    """Whom a line is about, read from what it says: counting asks the row from here on."""
    _, seats = await editor.client.execute_query("SELECT id, session_id, alias FROM seat")
    seat_of = {(f"session-{seat['session_id']}", seat["alias"]): seat["id"] for seat in seats}
    told = "SELECT id, head, payload FROM entry WHERE act IN ('regroup', 'withdraw', 'revoke', 'requeue')"
    _, lines = await editor.client.execute_query(told)
    for line in lines:
        seat = seat_of.get((line["head"], json.loads(line["payload"]).get("alias", "")))
        if seat is not None:
            await editor.client.execute_script(
                f"UPDATE entry SET about_id = {int(seat)} WHERE id = {int(line['id'])}"  # noqa: S608  # two numbers
            )


class Migration(migrations.Migration):
    dependencies = [("models", "0013_proposals")]

    operations = [
        ops.AddField(
            model_name="Head", name="secret", field=fields.CharField(max_length=32, default="", db_default="")
        ),
        ops.AddField(model_name="Entry", name="by_id", field=fields.IntField(null=True)),
        ops.AddField(model_name="Entry", name="about_id", field=fields.IntField(null=True)),
        ops.RunSQL(f"UPDATE entry SET by_id = {SEAT_OF_ALIAS} WHERE alias <> '' AND head <> 'house'", ops.RunSQL.noop),
        ops.RunPython(name_those_meant, ops.RunPython.noop),
        ops.RenameField(model_name="Ballot", old_name="position", new_name="third"),
        ops.RunSQL("UPDATE ballot SET third = 0", ops.RunSQL.noop),
        ops.AddField(
            model_name="Round", name="is_circular", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.RunSQL("UPDATE \"round\" SET is_circular = true WHERE state IN ('open', 'closing')", ops.RunSQL.noop),
        ops.AddField(
            model_name="Round", name="seal", field=fields.JSONField(null=True, encoder=JSON, decoder=json.loads)
        ),
        ops.CreateModel(
            name="Leaf",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("round_id", fields.IntField()),
                ("seat_id", fields.IntField()),
                ("seq", fields.IntField()),
                ("is_words", fields.BooleanField(default=False, db_default=False)),
                ("said", fields.TextField(null=True)),
                ("salt", fields.CharField(null=True, max_length=32)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "leaf",
                "app": "models",
                "indexes": [Index(fields=["round_id"]), Index(fields=["seat_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
