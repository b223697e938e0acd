"""The tables. Who a person is (Person, Staff) stands apart from the seat that answers; ballots are only ever added.

No behaviour lives here: acts are in conduct, counting in count. Statements after compilation are not stored: they
are what the rounds left (Round.outcome), derived from ballots. Comments stand before the classes, because the ORM
writes docstrings into the database, and a changed sentence would be a migration.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


# The end of one chain of entries: a session's, or the house's (key "house") for acts outside sessions.
class Head(Model):
    key = fields.CharField(max_length=40, primary_key=True)
    seq = fields.IntField(default=0, db_default=0)
    hash = fields.CharField(max_length=64, default="", db_default="")
    secret = fields.CharField(max_length=32, default="", db_default="")  # of which its lines' handles are made

    class Meta:
        table = "head"


# A line of the journal. at: to the minute, UTC. Values enter as commitments only; no name, no text, no vote. alias: a
# handle of this line alone, or whose name a line may tell. by_id, about_id: the seats of whoever acted and of the one
# who is meant, where the line has a handle of them; for counting and checking, on no page and in no file.
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
    by_id = fields.IntField(null=True)
    about_id = fields.IntField(null=True)

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
# zone: the IANA name of the time zone in which people read every time of day. apart: pairs of groups, by their keys,
# that are never counted together; None: none. sites: [{key, names, within, about}], in their order: within is the site
# of the level above or "", about what is known of it by key. known: what is known of sites, [{key, names, is_number}].
# arms: [{key, names}]. profile: questions at entry, [{key, names, choices: [{key, names}]}]. quotas: [{group, site,
# people}]. protocols: the study's own, [{key, names, rounds}]. waves: in which its panel is invited, in their order,
# [{day, seed, people}]. Each None where there is none. headline: the way of counting that leads, one of
# rounds.measures.pooling.SCHEMES, chosen before the first round opens.
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
    zone = fields.CharField(max_length=64, default="America/Toronto", db_default="America/Toronto")
    has_call_list = fields.BooleanField(default=False, db_default=False)  # who has not finished may be asked for
    versions: Any = fields.JSONField(null=True)  # of the consent, oldest first, only added to; consents.py reads it
    apart: Any = fields.JSONField(null=True)
    has_analysis_file = fields.BooleanField(default=False, db_default=False)  # researchers may follow one person
    sites: Any = fields.JSONField(null=True)
    known: Any = fields.JSONField(null=True)
    arms: Any = fields.JSONField(null=True)
    profile: Any = fields.JSONField(null=True)
    quotas: Any = fields.JSONField(null=True)
    protocols: Any = fields.JSONField(null=True)
    waves: Any = fields.JSONField(null=True)
    headline = fields.CharField(max_length=8, default="nested", db_default="nested")
    put_away_at = fields.CharField(max_length=17, default="", db_default="")  # to the minute, UTC; "" while in use

    class Meta:
        table = "study"


# A person of a study's panel, whoever of its sessions they sit in. sites: by their keys. wave: in which they are to be
# invited, from 1 on; 0: not drawn yet. has_left: sessions of the study that this person left, and where they are never
# seated again; None: none.
class Member(Model):
    id = fields.IntField(primary_key=True)
    study: fields.ForeignKeyRelation[Study] = fields.ForeignKeyField(
        "models.Study", related_name="members", on_delete=fields.RESTRICT
    )
    study_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="members", on_delete=fields.CASCADE
    )
    person_id: int
    group = fields.CharField(max_length=40, default="", db_default="", source_field="group_key")
    language = fields.CharField(max_length=5, default="fr", db_default="fr")
    sites: list[str] = fields.JSONField()
    arm = fields.CharField(max_length=40, default="", db_default="")
    wave = fields.IntField(default=0, db_default=0)
    has_left: Any = fields.JSONField(null=True)

    class Meta:
        table = "member"
        unique_together = (("study", "person"),)


# The number of a statement in its study, the same in every session that it enters. statement: its number there.
# passed_from: the session that passed it on, whose statement has the same number; None where it was first made here.
class StudyNumber(Model):
    id = fields.IntField(primary_key=True)
    study_id = fields.IntField()
    number = fields.IntField()
    session_id = fields.IntField()
    statement = fields.CharField(max_length=64)
    passed_from = fields.IntField(null=True)

    class Meta:
        table = "study_number"
        unique_together = (("session_id", "statement"),)
        indexes = (("study_id", "number"),)


# Tables of a study as they were made and audited, once each; later ones are added, none is changed. data: what they
# say; hash: of it. is_draft: made before the freeze.
class StudyTable(Model):
    id = fields.IntField(primary_key=True)
    study_id = fields.IntField()
    at = fields.CharField(max_length=17)  # to the minute, UTC
    is_draft = fields.BooleanField(default=False, db_default=False)
    data: Any = fields.JSONField()
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "study_table"
        indexes = (("study_id",),)


# A study of another house, as its parcel: only read, and handed on as the same bytes.
class BroughtStudy(Model):
    id = fields.IntField(primary_key=True)
    at = fields.CharField(max_length=17)  # to the minute, UTC
    title: dict[str, str] = fields.JSONField()
    digest = fields.CharField(max_length=64, unique=True)
    content = fields.BinaryField()
    by_id = fields.IntField(null=True)  # the account that brought it; None: the command line

    class Meta:
        table = "brought_study"


# One group's run through an ordered list of rounds. imported: statements brought from a file. letters: what the
# facilitator wrote, {invitation or reminder: {language: {subject, body}}}; none where the house's own text goes out.
# room: the code of its open door, "" while it is shut; takes_newcomers: whoever finds no free seat gets a new one.
# screen: what the big screen shows instead of the round ("join", "pause"), or "". rehearses: the session of which this
# is a rehearsal, set when it is made and never after; None for a real one. site, arm: keys of the study's, or "".
# protocol: the name of the one that it was made with, or "". follows: the session of which it is the next moment, with
# the same statements some months later. takes_from: what it took of other sessions, [{session, takes, statements}].
# participants: how many people answered what at entry, made once when it was over; profile.py makes it.
class Session(Model):
    id = fields.IntField(primary_key=True)
    study: fields.ForeignKeyRelation[Study] = fields.ForeignKeyField(
        "models.Study", related_name="sessions", on_delete=fields.RESTRICT
    )
    study_id: int
    title: dict[str, str] = fields.JSONField()
    languages: list[str] = fields.JSONField()
    imported: list[dict[str, Any]] = fields.JSONField()
    letters: Any = fields.JSONField(null=True)
    room = fields.CharField(max_length=6, default="", db_default="")
    takes_newcomers = fields.BooleanField(default=False, db_default=False)
    screen = fields.CharField(max_length=8, default="", db_default="")
    rehearses = fields.IntField(null=True)
    remind_days = fields.IntField(default=0, db_default=0)  # a reminder by itself after so many days; 0: never
    frozen_at = fields.CharField(max_length=17, default="", db_default="")  # to the minute, UTC; freeze.py reads it
    site = fields.CharField(max_length=40, default="", db_default="")
    arm = fields.CharField(max_length=40, default="", db_default="")
    protocol = fields.CharField(max_length=40, default="", db_default="")
    planned_on = fields.CharField(max_length=10, default="", db_default="")  # the day, in the zone of the study
    follows = fields.IntField(null=True)
    takes_from: Any = fields.JSONField(null=True)
    why = fields.CharField(max_length=500, default="", db_default="")  # it differs from the others of its study
    participants: Any = fields.JSONField(null=True)
    flows: Any = fields.JSONField(null=True)  # what it is to take of others, as planned; passed.py reads it

    class Meta:
        table = "session"


# takes: what it takes, as rounds.lineage reads it; takes_of: the key of the earlier round that it takes it of, BROUGHT
# for what was brought, "" for the round before.
# settings, rule, blocks, statements, counting are frozen and hashed when it opens; outcome is what its close left.
# is_together: everybody is one block. counting: how its blocks are made, None of a round from before; made: the blocks
# of its first close, which stay when it is opened again; counting.py reads both. seal: what its
# second seal covers beside the leaves. title: a name of its own by language, None for that of its kind. opens_at,
# closes_at: planned moments, at which the server acts by itself. stopping: the rule that ends a series of rounds, None
# where there is none.
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
    takes_of = fields.CharField(max_length=40, default="", db_default="")
    settings: dict[str, Any] = fields.JSONField()
    rule: Any = fields.JSONField(null=True)
    disclosure = fields.CharField(max_length=16)
    grace = fields.IntField(default=60, db_default=60)  # seconds in which answers under way are still taken
    state = fields.CharField(max_length=8, default="draft", db_default="draft")  # draft, open, closing, closed
    closing_at = fields.FloatField(null=True)  # server clock; set when closing begins
    is_looked = fields.BooleanField(default=False, db_default=False)  # the team looked at figures before the close
    is_shown = fields.BooleanField(default=False, db_default=False)  # the facilitator shows figures to the room
    is_together = fields.BooleanField(default=False, db_default=False)
    counting: Any = fields.JSONField(null=True)
    made: Any = fields.JSONField(null=True)
    blocks: Any = fields.JSONField(null=True)
    statements: Any = fields.JSONField(null=True)
    statements_hash = fields.CharField(max_length=64, default="", db_default="")  # as taken; set where words left them
    hash = fields.CharField(max_length=64, default="", db_default="")
    outcome: Any = fields.JSONField(null=True)
    findings: Any = fields.JSONField(null=True)  # slow figures, worked out after the close
    reasons: Any = fields.JSONField(null=True)  # words of a closed round that the next may show; reasons.py reads it
    notes: list[dict[str, Any]] = fields.JSONField()  # deviations, with reasons
    seal: Any = fields.JSONField(null=True)
    is_circular = fields.BooleanField(default=False, db_default=False)  # cards in the order of earlier versions
    ends_at = fields.FloatField(null=True)  # server clock; the planned end, which ends nothing by itself
    paused_left = fields.FloatField(null=True)  # seconds that were left when the timer was paused
    title: Any = fields.JSONField(null=True)
    opens_at = fields.FloatField(null=True)  # server clock, like closes_at
    closes_at = fields.FloatField(null=True)
    stopping: Any = fields.JSONField(null=True)

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
    alias = fields.CharField(max_length=16)  # what lines of earlier versions call it; "" since
    consented = fields.BooleanField(default=False, db_default=False)  # to the version in force
    withdrawn = fields.CharField(max_length=8, default="", db_default="")  # "", stopped, erased
    is_entered = fields.BooleanField(default=False, db_default=False)  # somebody came in by the link that it has now
    agreed: Any = fields.JSONField(null=True)  # to which version of the consent, for what, when; consents.py reads it
    is_simulated = fields.BooleanField(default=False, db_default=False)  # nobody sits here: in a rehearsal, in the demo
    is_bound = fields.BooleanField(default=False, db_default=False)  # frozen on the date to which this person agreed
    sites: Any = fields.JSONField(null=True)  # keys of the study's, beside the session's; None: that one alone
    arm = fields.CharField(max_length=40, default="", db_default="")
    profile: Any = fields.JSONField(null=True)  # what this person said at entry, by question; erased with answers

    class Meta:
        table = "seat"
        unique_together = (("session", "staff"),)


# To whom a session's individual answers are given, as its seat. by_id: the seat of who gave, None: the command line.
# is_team: the receiver sat on the session's team; then nothing is given before signed_by, another account, has signed.
# Moments are to the minute, UTC; "" where it has not come.
class Grant(Model):
    id = fields.IntField(primary_key=True)
    session_id = fields.IntField()
    seat_id = fields.IntField(unique=True)
    by_id = fields.IntField(null=True)
    at = fields.CharField(max_length=17)
    is_team = fields.BooleanField(default=False, db_default=False)
    signed_by = fields.IntField(null=True)
    signed_at = fields.CharField(max_length=17, default="", db_default="")
    accepted_at = fields.CharField(max_length=17, default="", db_default="")

    class Meta:
        table = "grant_of_answers"
        indexes = (("session_id",),)


# One submission, appended. seq is its journal number. Withdrawal erases marks and salt and leaves the line. device,
# number: which device sent it, by a mark that says nothing beside another seat, and its place among what that one sent.
class Ballot(Model):
    id = fields.BigIntField(primary_key=True)
    round_id = fields.IntField()
    seat_id = fields.IntField()
    seq = fields.IntField()
    slot = fields.CharField(max_length=64, null=True)
    marks = fields.TextField(null=True)
    salt = fields.CharField(max_length=32, null=True)
    language = fields.CharField(max_length=5)
    third = fields.IntField(default=0, db_default=0)  # of this person's order in which the card stood; 0 once it closed
    entered_by = fields.CharField(max_length=8, default="self", db_default="self")  # self, phone, paper
    key = fields.CharField(max_length=64)
    body = fields.CharField(max_length=64)  # digest of salt and form, to tell a repeat from another answer
    device = fields.CharField(max_length=16, default="", db_default="")
    number = fields.BigIntField(null=True)
    is_late = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "ballot"
        indexes = (("round_id", "seq"), ("seat_id", "key"), Index(name="ballot_sent", fields=["seat_id", "number"]))


# A leaf of the second seal: a counted ballot, something written, or something about whoever answered, as it may stand
# in a file. said and salt, which only whoever erased their answers has lost, give hash. seat_id, seq: whose and which
# ballot (one of the round, where it is about the person), for erasing and checking.
class Leaf(Model):
    id = fields.BigIntField(primary_key=True)
    round_id = fields.IntField()
    seat_id = fields.IntField()
    seq = fields.IntField()
    is_words = fields.BooleanField(default=False, db_default=False)
    is_person = fields.BooleanField(default=False, db_default=False)
    said = fields.TextField(null=True)
    salt = fields.CharField(max_length=32, null=True)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "leaf"
        indexes = (("round_id",), ("seat_id",))


# An answer that the team entered a second time, from telephone or paper, to compare it with the first. Never counted.
# by_id: the seat of who typed it; is_same_hand: the first entry was theirs too. differed: from the first entry, when it
# was typed. settled: the number of the ballot that was chosen, 0 for none.
class SecondEntry(Model):
    id = fields.IntField(primary_key=True)
    round_id = fields.IntField()
    seat_id = fields.IntField()
    slot = fields.CharField(max_length=64)
    marks = fields.TextField()
    method = fields.CharField(max_length=8)
    by_id = fields.IntField()
    is_same_hand = fields.BooleanField(default=False, db_default=False)
    differed = fields.BooleanField(default=False, db_default=False)
    settled = fields.IntField(null=True)
    at = fields.CharField(max_length=17)  # to the minute, UTC
    key = fields.CharField(max_length=64)
    device = fields.CharField(max_length=16, default="", db_default="")
    number = fields.BigIntField(null=True)

    class Meta:
        table = "second_entry"
        unique_together = (("round_id", "seat_id", "slot"),)


# A form that was acted on and left nothing else to know it by: a copy of it that comes later is told by its digest.
# seat_id: whose act it was, or the seat that it took.
class Heard(Model):
    digest = fields.CharField(max_length=64, primary_key=True)
    seat_id = fields.IntField()

    class Meta:
        table = "heard"
        indexes = (("seat_id",),)


# A hand raised: question, objection, or to speak. about: the one thing that everybody was asked then, if there was one.
class Call(Model):
    id = fields.IntField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "models.Session", related_name="calls", on_delete=fields.CASCADE
    )
    session_id: int
    round: fields.ForeignKeyNullableRelation[Round] = fields.ForeignKeyField(
        "models.Round", related_name="calls", null=True, on_delete=fields.CASCADE
    )
    round_id: int | None
    seat: fields.ForeignKeyRelation[Seat] = fields.ForeignKeyField(
        "models.Seat", related_name="calls", on_delete=fields.CASCADE
    )
    seat_id: int
    what = fields.CharField(max_length=16)
    about = fields.CharField(max_length=64, default="", db_default="")
    at = fields.FloatField()
    state = fields.CharField(max_length=16, default="waiting", db_default="waiting")  # waiting, answered, withdrawn

    class Meta:
        table = "call"
        indexes = (("session_id", "state"),)


# An open cookie: the digest of its random value, and whose it is. Deleting the line signs the device out.
class Login(Model):
    id = fields.IntField(primary_key=True)
    digest = fields.CharField(max_length=64, unique=True)
    seat_id = fields.IntField(null=True)
    staff_id = fields.IntField(null=True)
    issue = fields.IntField()
    until = fields.FloatField()
    is_own = fields.BooleanField(null=True)  # does the device belong to this person? None: not asked yet
    read = fields.IntField(default=0, db_default=0)  # the last notice that was read on it

    class Meta:
        table = "login"


# What happened to a seat and its person reads, on each of their devices until they say that they have. what: link (the
# team made a new one), device (one came in), list (the team asked who has not finished). login_id: the device that came
# in, which is not told of itself.
class Notice(Model):
    id = fields.IntField(primary_key=True)
    seat_id = fields.IntField()
    what = fields.CharField(max_length=8)
    at = fields.CharField(max_length=17)  # to the minute, UTC
    login_id = fields.IntField(null=True)

    class Meta:
        table = "notice"
        indexes = (("seat_id",),)


# The outbox: one mail to one seat. Its text and address are not kept here. issue: of the link that it carries; number:
# 0 for the invitation, 1, 2, ... for reminders, the day that is told of a freeze. A line is sent once; sending is
# written before the server is spoken to.
class Mail(Model):
    id = fields.IntField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "models.Session", related_name="mails", on_delete=fields.RESTRICT
    )
    session_id: int
    seat: fields.ForeignKeyRelation[Seat] = fields.ForeignKeyField(
        "models.Seat", related_name="mails", on_delete=fields.RESTRICT
    )
    seat_id: int
    what = fields.CharField(max_length=12)  # invitation, reminder, freeze
    issue = fields.IntField()
    number = fields.IntField(default=0, db_default=0)
    state = fields.CharField(max_length=8, default="queued", db_default="queued")  # queued, sending, sent, failed
    tries = fields.IntField(default=0, db_default=0)
    reason = fields.CharField(max_length=16, default="", db_default="")  # a code of ours, or the server's three figures
    queued_at = fields.FloatField()
    due_at = fields.FloatField()  # not before
    taken_at = fields.FloatField(null=True)
    sent_at = fields.FloatField(null=True)

    class Meta:
        table = "mail"
        unique_together = (("seat", "what", "issue", "number"),)
        indexes = (("state", "due_at"),)
