"""Where statements come from: sources, quotations, and which statement rests on which."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


def _key() -> tuple[str, fields.IntField]:
    return ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True))


def _whole(name: str, default: int) -> tuple[str, fields.IntField]:
    return (name, fields.IntField(default=default, db_default=default))


def _text(name: str, length: int) -> tuple[str, fields.CharField]:
    return (name, fields.CharField(default="", db_default="", max_length=length))


def _of(model: str, related: str, is_null: bool = False) -> fields.ForeignKeyField:
    return fields.ForeignKeyField(
        f"models.{model}",
        source_field=f"{model.lower()}_id",
        null=is_null,
        db_constraint=True,
        to_field="id",
        related_name=related,
        on_delete=OnDelete.CASCADE,
    )


def _options(table: str, *indexes: list[str]) -> dict[str, object]:
    return {"table": table, "app": "models", "indexes": [Index(fields=one) for one in indexes], "pk_attr": "id"}


class Migration(migrations.Migration):
    dependencies = [("models", "0025_flows")]

    operations = [
        ops.CreateModel(
            name="Source",
            fields=[
                _key(),
                ("study_id", fields.IntField()),
                ("label", fields.CharField(max_length=200)),
                ("kind", fields.CharField(max_length=16)),
                _text("site", 200),
                _text("informant", 200),
                _whole("people", 1),
                _whole("came_in", 0),
            ],
            options=_options("source", ["study_id"]),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Quotation",
            fields=[
                _key(),
                ("study_id", fields.IntField()),
                ("source", _of("Source", "quotations")),
                ("text", fields.TextField(unique=False)),
                ("language", fields.CharField(max_length=5)),
                ("may_quote", fields.BooleanField(default=False, db_default=False)),
                _text("read_at", 17),
                ("read_by", fields.IntField(null=True)),
                _text("released_at", 17),
                ("released_by", fields.IntField(null=True)),
            ],
            options=_options("quotation", ["study_id"]),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Evidence",
            fields=[
                _key(),
                ("study_id", fields.IntField()),
                ("session_id", fields.IntField()),
                ("statement", fields.CharField(max_length=64)),
                ("source", _of("Source", "evidence")),
                ("quotation", _of("Quotation", "evidence", is_null=True)),
            ],
            options=_options("evidence", ["study_id"], ["session_id", "statement"]),
            bases=["Model"],
        ),
    ]
