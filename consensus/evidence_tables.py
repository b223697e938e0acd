"""The tables of where statements come from; part of consensus.models, which is how everybody names them.

No behaviour lives here: acts are in conduct/evidence.py, what is told to whom in evidence.py.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


# Somebody or something that was heard for a study: an interview, a focus group, a document. label: what the team calls
# it, which may be a person's name; never shown beyond the team. site, informant: a key of the study's, or words of the
# file where it is none of these. people: how many spoke in it; 0 where nobody did. came_in: the import that brought it.
class Source(Model):
    id = fields.IntField(primary_key=True)
    study_id = fields.IntField()
    label = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=16)
    site = fields.CharField(max_length=200, default="", db_default="")
    informant = fields.CharField(max_length=200, default="", db_default="")
    people = fields.IntField(default=1, db_default=1)
    came_in = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "source"
        indexes = (("study_id",),)


# What somebody said, in its language. may_quote: a yes to being quoted is recorded. read_at, released_at: to the
# minute, UTC, "" where nobody of the team has read it, or released it by an act; by whom, as accounts.
class Quotation(Model):
    id = fields.IntField(primary_key=True)
    study_id = fields.IntField()
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField(
        "models.Source", related_name="quotations", on_delete=fields.CASCADE
    )
    source_id: int
    text = fields.TextField()
    language = fields.CharField(max_length=5)
    may_quote = fields.BooleanField(default=False, db_default=False)
    read_at = fields.CharField(max_length=17, default="", db_default="")
    read_by = fields.IntField(null=True)
    released_at = fields.CharField(max_length=17, default="", db_default="")
    released_by = fields.IntField(null=True)

    class Meta:
        table = "quotation"
        indexes = (("study_id",),)


# That a statement, as a session first held it, comes from a source; with the words, where there are some. What was made
# of the statement since is found by its parents and by its number in the study.
class Evidence(Model):
    id = fields.IntField(primary_key=True)
    study_id = fields.IntField()
    session_id = fields.IntField()
    statement = fields.CharField(max_length=64)
    source: fields.ForeignKeyRelation[Source] = fields.ForeignKeyField(
        "models.Source", related_name="evidence", on_delete=fields.CASCADE
    )
    source_id: int
    quotation: fields.ForeignKeyNullableRelation[Quotation] = fields.ForeignKeyField(
        "models.Quotation", related_name="evidence", null=True, on_delete=fields.CASCADE
    )
    quotation_id: int | None

    class Meta:
        table = "evidence"
        indexes = (("study_id",), ("session_id", "statement"))
