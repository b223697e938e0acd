"""The plan of action of a study, in versions."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0026_evidence")]

    operations = [
        ops.CreateModel(
            name="PlanOfAction",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("study_id", fields.IntField()),
                ("number", fields.IntField()),
                ("at", fields.CharField(max_length=17)),
                ("by_id", fields.IntField(null=True)),
                ("what", fields.CharField(max_length=40)),
                ("source", fields.CharField(max_length=12)),
                ("lines", fields.JSONField()),
                ("sent_at", fields.CharField(max_length=17, default="", db_default="")),
            ],
            options={
                "table": "plan_of_action",
                "app": "models",
                "unique_together": (("study_id", "number"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
