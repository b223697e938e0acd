from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0006_proxy")]

    operations = [
        ops.AddField(model_name="Session", name="rehearses", field=fields.IntField(null=True)),
        ops.AddField(
            model_name="Seat", name="is_simulated", field=fields.BooleanField(default=False, db_default=False)
        ),
    ]
