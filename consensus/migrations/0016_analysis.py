"""The analysis file: a study asks for it when it is made, and leaves of the second seal are about people too.

No study of before has asked, and none can ask any more: its people have read a consent that did not say so.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0015_freeze")]

    operations = [
        ops.AddField(
            model_name="Study", name="has_analysis_file", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.AddField(model_name="Leaf", name="is_person", field=fields.BooleanField(default=False, db_default=False)),
    ]
