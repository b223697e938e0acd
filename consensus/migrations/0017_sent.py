"""What a device sent after a form that comes late is found by the person and the number."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0016_analysis")]

    operations = [ops.AddIndex(model_name="Ballot", index=Index(name="ballot_sent", fields=["seat_id", "number"]))]
