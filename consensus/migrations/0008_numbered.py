from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

DEVICE = fields.CharField(max_length=16, default="", db_default="")
NUMBER = fields.BigIntField(null=True)


class Migration(migrations.Migration):
    dependencies = [("models", "0007_rehearsal")]

    operations = [
        ops.AddField(model_name="Ballot", name="device", field=DEVICE),
        ops.AddField(model_name="Ballot", name="number", field=NUMBER),
        ops.AddField(model_name="SecondEntry", name="device", field=DEVICE),
        ops.AddField(model_name="SecondEntry", name="number", field=NUMBER),
        ops.CreateModel(
            name="Heard",
            fields=[
                ("digest", fields.CharField(max_length=64, primary_key=True, unique=True, db_index=True)),
                ("seat_id", fields.IntField()),
            ],
            options={"table": "heard", "app": "models", "indexes": [Index(fields=["seat_id"])], "pk_attr": "digest"},
            bases=["Model"],
        ),
    ]
