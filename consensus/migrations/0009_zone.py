from tortoise import fields, migrations
from tortoise.migrations import operations as ops

ZONE = fields.CharField(max_length=64, default="America/Toronto", db_default="America/Toronto")


class Migration(migrations.Migration):
    dependencies = [("models", "0008_numbered")]

    operations = [ops.AddField(model_name="Study", name="zone", field=ZONE)]
