"""A study: sites, arms, questions, its panel, numbers of statements, its tables; names and times of rounds."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


def _json(model: str, *names: str) -> list[ops.AddField]:
    return [ops.AddField(model_name=model, name=name, field=fields.JSONField(null=True)) for name in names]


def _text(model: str, name: str, length: int, default: str = "") -> ops.AddField:
    field = fields.CharField(max_length=length, default=default, db_default=default)
    return ops.AddField(model_name=model, name=name, field=field)


def _key() -> tuple[str, fields.IntField]:
    return ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True))


def _of(model: str, name: str, deleted: OnDelete) -> fields.ForeignKeyField:
    return fields.ForeignKeyField(
        f"models.{model}",
        source_field=f"{name}_id",
        db_constraint=True,
        to_field="id",
        related_name="members",
        on_delete=deleted,
    )


class Migration(migrations.Migration):
    dependencies = [("models", "0017_sent")]

    operations = [
        *_json("Study", "sites", "known", "arms", "profile", "quotas", "protocols"),
        _text("Study", "headline", 8, "nested"),
        _text("Study", "put_away_at", 17),
        _text("Session", "site", 40),
        _text("Session", "arm", 40),
        _text("Session", "protocol", 40),
        _text("Session", "planned_on", 10),
        ops.AddField(model_name="Session", name="follows", field=fields.IntField(null=True)),
        *_json("Session", "takes_from"),
        *_json("Round", "title", "stopping"),
        ops.AddField(model_name="Round", name="opens_at", field=fields.FloatField(null=True)),
        ops.AddField(model_name="Round", name="closes_at", field=fields.FloatField(null=True)),
        *_json("Seat", "sites", "profile"),
        _text("Seat", "arm", 40),
        ops.CreateModel(
            name="Member",
            fields=[
                _key(),
                ("study", _of("Study", "study", OnDelete.RESTRICT)),
                ("person", _of("Person", "person", OnDelete.CASCADE)),
                ("group", fields.CharField(default="", db_default="", max_length=40, source_field="group_key")),
                ("language", fields.CharField(default="fr", db_default="fr", max_length=5)),
                ("sites", fields.JSONField()),
                ("arm", fields.CharField(default="", db_default="", max_length=40)),
                ("wave", fields.IntField(default=0, db_default=0)),
            ],
            options={"table": "member", "app": "models", "unique_together": (("study", "person"),), "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StudyNumber",
            fields=[
                _key(),
                ("study_id", fields.IntField()),
                ("number", fields.IntField()),
                ("session_id", fields.IntField()),
                ("statement", fields.CharField(max_length=64)),
                ("passed_from", fields.IntField(null=True)),
            ],
            options={
                "table": "study_number",
                "app": "models",
                "unique_together": (("session_id", "statement"),),
                "indexes": [Index(fields=["study_id", "number"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StudyTable",
            fields=[
                _key(),
                ("study_id", fields.IntField()),
                ("at", fields.CharField(max_length=17)),
                ("is_draft", fields.BooleanField(default=False, db_default=False)),
                ("data", fields.JSONField()),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={"table": "study_table", "app": "models", "indexes": [Index(fields=["study_id"])], "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BroughtStudy",
            fields=[
                _key(),
                ("at", fields.CharField(max_length=17)),
                ("title", fields.JSONField()),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("content", fields.BinaryField()),
                ("by_id", fields.IntField(null=True)),
            ],
            options={"table": "brought_study", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
