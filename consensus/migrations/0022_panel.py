"""Waves of a study's panel, what a member has left; whoever has a seat and a name is of the panel from now on."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

SEATED = (
    "SELECT MIN(seat.id) FROM seat JOIN session ON session.id = seat.session_id"
    " WHERE seat.role = 'participant' AND seat.person_id IS NOT NULL AND seat.withdrawn = ''"
    " AND session.rehearses IS NULL GROUP BY session.study_id, seat.person_id"
)
MEMBERS = (
    "INSERT INTO member (study_id, person_id, group_key, language, sites)"
    " SELECT session.study_id, seat.person_id, seat.group_key, seat.language, '[]'"
    " FROM seat JOIN session ON session.id = seat.session_id"
    f" WHERE seat.id IN ({SEATED})"
    " AND NOT EXISTS (SELECT 1 FROM member AS held"
    " WHERE held.study_id = session.study_id AND held.person_id = seat.person_id)"
)


class Migration(migrations.Migration):
    dependencies = [("models", "0021_why")]

    operations = [
        ops.AddField(model_name="Study", name="waves", field=fields.JSONField(null=True)),
        ops.AddField(model_name="Member", name="has_left", field=fields.JSONField(null=True)),
        ops.RunSQL(MEMBERS, ops.RunSQL.noop),
    ]
