"""Why a session of a study differs from the others."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0018_study")]

    operations = [
        ops.AddField(
            model_name="Session",
            name="why",
            field=fields.CharField(max_length=500, default="", db_default=""),
        ),
    ]
