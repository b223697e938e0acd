from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Who is counted with whom: pairs that are never pooled, how a round counts, the blocks that its close made."""

    dependencies = [("models", "0010_salted")]

    operations = [
        ops.AddField(model_name="Study", name="apart", field=fields.JSONField(null=True)),
        ops.AddField(
            model_name="Round", name="is_together", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.AddField(model_name="Round", name="counting", field=fields.JSONField(null=True)),
        ops.AddField(model_name="Round", name="made", field=fields.JSONField(null=True)),
    ]
