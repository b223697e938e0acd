"""The freeze of a session, who is bound by it, and to whom individual answers are given.

Nobody agreed to a date before, so nobody is bound, and no session is frozen: no individual file exists until a study
has told its people a date.
"""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0014_names")]

    operations = [
        ops.AddField(
            model_name="Session", name="frozen_at", field=fields.CharField(max_length=17, default="", db_default="")
        ),
        ops.AddField(model_name="Seat", name="is_bound", field=fields.BooleanField(default=False, db_default=False)),
        ops.CreateModel(
            name="Grant",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("session_id", fields.IntField()),
                ("seat_id", fields.IntField(unique=True)),
                ("by_id", fields.IntField(null=True)),
                ("at", fields.CharField(max_length=17)),
                ("is_team", fields.BooleanField(default=False, db_default=False)),
                ("signed_by", fields.IntField(null=True)),
                ("signed_at", fields.CharField(max_length=17, default="", db_default="")),
                ("accepted_at", fields.CharField(max_length=17, default="", db_default="")),
            ],
            options={
                "table": "grant_of_answers",
                "app": "models",
                "indexes": [Index(fields=["session_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
