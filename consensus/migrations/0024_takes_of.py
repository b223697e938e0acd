"""The earlier round from which a round takes its statements, where it is not the one before."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0018_study")]

    operations = [
        ops.AddField(
            model_name="Round",
            name="takes_of",
            field=fields.CharField(max_length=40, default="", db_default=""),
        ),
    ]
