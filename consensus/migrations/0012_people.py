from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Notices; a call list; seats that were entered before seats remembered it keep their link to themselves too."""

    dependencies = [("models", "0011_cells")]

    operations = [
        ops.AddField(
            model_name="Study", name="has_call_list", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.AddField(model_name="Session", name="remind_days", field=fields.IntField(default=0, db_default=0)),
        ops.AddField(model_name="Login", name="read", field=fields.IntField(default=0, db_default=0)),
        ops.CreateModel(
            name="Notice",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("seat_id", fields.IntField()),
                ("what", fields.CharField(max_length=8)),
                ("at", fields.CharField(max_length=17)),
                ("login_id", fields.IntField(null=True)),
            ],
            options={
                "table": "notice",
                "app": "models",
                "indexes": [Index(fields=["seat_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            "UPDATE seat SET is_entered = TRUE WHERE id IN (SELECT seat_id FROM login WHERE seat_id IS NOT NULL)"
            " OR id IN (SELECT seat_id FROM ballot WHERE entered_by = 'self')",
            ops.RunSQL.noop,
        ),
    ]
