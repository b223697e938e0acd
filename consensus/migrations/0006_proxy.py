from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0005_consent")]

    operations = [
        ops.CreateModel(
            name="SecondEntry",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("round_id", fields.IntField()),
                ("seat_id", fields.IntField()),
                ("slot", fields.CharField(max_length=64)),
                ("marks", fields.TextField()),
                ("method", fields.CharField(max_length=8)),
                ("by_id", fields.IntField()),
                ("is_same_hand", fields.BooleanField(default=False, db_default=False)),
                ("differed", fields.BooleanField(default=False, db_default=False)),
                ("settled", fields.IntField(null=True)),
                ("at", fields.CharField(max_length=17)),
                ("key", fields.CharField(max_length=64)),
            ],
            options={
                "table": "second_entry",
                "app": "models",
                "unique_together": (("round_id", "seat_id", "slot"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
