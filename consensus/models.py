"""The tables. Who a person is (Person, Staff) stands apart from the seat that answers; ballots are only ever added.

No behaviour lives here: acts are in conduct, counting in count. Statements after compilation are not stored: they
are what the rounds left (Round.outcome), derived from ballots. Comments stand before the classes, because the ORM
writes docstrings into the database, and a changed sentence would be a migration.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model


# The end of one chain of entries: a session's, or the house's (key "house") for acts outside sessions.
class Head(Model):
    key = fields.CharField(max_length=40, primary_key=True)
    seq = fields.IntField(default=0, db_default=0)
    hash = fields.CharField(max_length=64, default="", db_default="")

    class Meta:
        table = "head"


# A line of the journal. at: to the minute, UTC. Values enter as commitments only; no name, no text, no vote.
class Entry(Model):
    id = fields.BigIntField(primary_key=True)
    head = fields.CharField(max_length=40)
    seq = fields.IntField()
    at = fields.CharField(max_length=17)
    role = fields.CharField(max_length=16)
    alias = fields.CharField(max_length=16)
    act = fields.CharField(max_length=40)
    payload = fields.TextField()
    prev = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "entry"
        unique_together = (("head", "seq"),)


class Staff(Model):
    id = fields.IntField(primary_key=True)
    mail = fields.CharField(max_length=254, unique=True)
    name = fields.CharField(max_length=120)
    password = fields.CharField(max_length=200)  # argon2id
    is_administrator = fields.BooleanField(default=False, db_default=False)
    issue = fields.IntField(default=1, db_default=1)
    language = fields.CharField(max_length=5, default="fr", db_default="fr")

    class Meta:
        table = "staff"


# title, question, consent (in force): a wording per language. groups: [{key, names, shape}], in their order of pooling.
class Study(Model):
    id = fields.IntField(primary_key=True)
    title: dict[str, str] = fields.JSONField()
    question: dict[str, str] = fields.JSONField()
    consent: dict[str, str] = fields.JSONField()
    languages: list[str] = fields.JSONField()
    groups: list[dict[str, Any]] = fields.JSONField()
    floor = fields.IntField(default=5, db_default=5)  # k: no block under so many people is shown
    help_name = fields.CharField(max_length=120)
    help_phone = fields.CharField(max_length=40)
    retention = fields.CharField(max_length=10)  # the date until which data are kept
    is_row_level_allowed = fields.BooleanField(default=True, db_default=True)
    versions: Any = fields.JSONField(null=True)  # of the consent, oldest first, only added to; consents.py reads it

    class Meta:
        table = "study"


# One group's run through an ordered list of rounds. imported: statements brought from a file.
class Session(Model):
    id = fields.IntField(primary_key=True)
    study: fields.ForeignKeyRelation[Study] = fields.ForeignKeyField(
        "models.Study", related_name="sessions", on_delete=fields.RESTRICT
    )
    study_id: int
    title: dict[str, str] = fields.JSONField()
    languages: list[str] = fields.JSONField()
    imported: list[dict[str, Any]] = fields.JSONField()

    class Meta:
        table = "session"


# settings, rule, blocks, statements are frozen and hashed when it opens; outcome is what it left at its close.
class Round(Model):
    id = fields.IntField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "models.Session", related_name="rounds", on_delete=fields.RESTRICT
    )
    session_id: int
    position = fields.IntField()
    key = fields.CharField(max_length=40)
    kind = fields.CharField(max_length=40)
    takes = fields.CharField(max_length=40, default="all", db_default="all")
    settings: dict[str, Any] = fields.JSONField()
    rule: Any = fields.JSONField(null=True)
    disclosure = fields.CharField(max_length=16)
    grace = fields.IntField(default=60, db_default=60)  # seconds in which answers under way are still taken
    state = fields.CharField(max_length=8, default="draft", db_default="draft")  # draft, open, closing, closed
    closing_at = fields.FloatField(null=True)  # server clock; set when closing begins
    is_looked = fields.BooleanField(default=False, db_default=False)  # the team looked at figures before the close
    is_shown = fields.BooleanField(default=False, db_default=False)  # the facilitator shows figures to the room
    blocks: Any = fields.JSONField(null=True)
    statements: Any = fields.JSONField(null=True)
    hash = fields.CharField(max_length=64, default="", db_default="")
    outcome: Any = fields.JSONField(null=True)
    findings: Any = fields.JSONField(null=True)  # slow figures, worked out after the close
    reasons: Any = fields.JSONField(null=True)  # words of a closed round that the next may show; reasons.py reads it
    notes: list[dict[str, Any]] = fields.JSONField()  # deviations, with reasons

    class Meta:
        table = "round"
        unique_together = (("session", "key"), ("session", "position"))


# Who sits in a seat; apart from what the seat says.
class Person(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=120, default="", db_default="")
    mail = fields.CharField(max_length=254, default="", db_default="")
    phone = fields.CharField(max_length=40, default="", db_default="")

    class Meta:
        table = "person"


# A place in a session. Link and code are derived from the server's secret, the seat and its issue number.
class Seat(Model):
    id = fields.IntField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "models.Session", related_name="seats", on_delete=fields.RESTRICT
    )
    session_id: int
    role = fields.CharField(max_length=16)
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="seats", null=True, on_delete=fields.SET_NULL
    )
    person_id: int | None
    staff: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", related_name="seats", null=True, on_delete=fields.RESTRICT
    )
    staff_id: int | None
    group = fields.CharField(max_length=40, default="", db_default="", source_field="group_key")
    language = fields.CharField(max_length=5, default="fr", db_default="fr")
    issue = fields.IntField(default=1, db_default=1)
    code = fields.CharField(max_length=64, unique=True)  # digest of the short code, to find the seat by it
    alias = fields.CharField(max_length=16)  # random; the only name that the journal knows
    consented = fields.BooleanField(default=False, db_default=False)  # to the version in force
    withdrawn = fields.CharField(max_length=8, default="", db_default="")  # "", stopped, erased
    agreed: Any = fields.JSONField(null=True)  # to which version of the consent, for what, when; consents.py reads it

    class Meta:
        table = "seat"
        unique_together = (("session", "staff"),)


# One submission, appended. seq is its journal number. Withdrawal erases marks and salt and leaves the line.
class Ballot(Model):
    id = fields.BigIntField(primary_key=True)
    round_id = fields.IntField()
    seat_id = fields.IntField()
    seq = fields.IntField()
    slot = fields.CharField(max_length=64, null=True)
    marks = fields.TextField(null=True)
    salt = fields.CharField(max_length=32, null=True)
    language = fields.CharField(max_length=5)
    position = fields.IntField(default=0, db_default=0)  # where the card stood in the order this person saw
    entered_by = fields.CharField(max_length=8, default="self", db_default="self")
    key = fields.CharField(max_length=64)
    body = fields.CharField(max_length=64)  # digest of the form, to tell a repeat from another answer
    is_late = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "ballot"
        indexes = (("round_id", "seq"), ("seat_id", "key"))


# An open cookie: the digest of its random value, and whose it is. Deleting the line signs the device out.
class Login(Model):
    id = fields.IntField(primary_key=True)
    digest = fields.CharField(max_length=64, unique=True)
    seat_id = fields.IntField(null=True)
    staff_id = fields.IntField(null=True)
    issue = fields.IntField()
    until = fields.FloatField()

    class Meta:
        table = "login"
