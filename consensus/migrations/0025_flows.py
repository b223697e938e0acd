"""What a session is to take of others of its study, as planned."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0024_takes_of")]

    operations = [
        ops.AddField(model_name="Session", name="flows", field=fields.JSONField(null=True)),
    ]
