"""The participants' table of a session that is over."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0021_why")]

    operations = [ops.AddField(model_name="Session", name="participants", field=fields.JSONField(null=True))]
