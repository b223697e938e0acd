from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0003_desk")]

    operations = [
        ops.AddField(model_name="Login", name="is_own", field=fields.BooleanField(null=True)),
    ]
