from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Digests of answers without a salt go, and what was left of erased answers."""

    dependencies = [("models", "0009_zone")]

    operations = [
        ops.RunSQL("UPDATE ballot SET body = ''", ops.RunSQL.noop),
        ops.RunSQL("UPDATE ballot SET key = '', position = 0 WHERE marks IS NULL", ops.RunSQL.noop),
    ]
