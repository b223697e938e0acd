"""A session on its way to its freeze, for tests: a day that is told, accepted, and made to be past."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from consensus import conduct, models, zones
from consensus.consents import version_data, versions
from tests.conftest import Table


async def tell_day(table: Table, days: int = 20) -> date:
    """The study's day, so many days from now. Nobody has accepted it yet."""
    study = await models.Study.get(id=table.session.study_id)
    staff = await models.Staff.get(id=table.fay.staff_id)
    day = zones.today_in(study.zone) + timedelta(days=days)
    await conduct.set_freeze(table.house, staff, study.id, day)
    return day


async def move_day(table: Table, days: int) -> date:
    """As if the study had told another day from the start: so many days from now, or before now."""
    return await move_day_of(table.session.study_id, days)


async def move_day_of(study_id: int, days: int) -> date:
    study = await models.Study.get(id=study_id)
    day = zones.today_in(study.zone) + timedelta(days=days)
    told = [version_data(one) for one in versions(study)]
    study.versions = [one | {"until": day.isoformat()} if "until" in one else one for one in told]
    await study.save(update_fields=["versions"])
    return day


async def freeze(table: Table, accepting: Iterable[models.Seat] | None = None) -> None:
    """A session that is over, frozen: these people, or all, accepted the day, which is past."""
    await tell_day(table)
    for seat in table.seats if accepting is None else accepting:
        await conduct.consent(table.house, seat)
    await move_day(table, -1)
    await conduct.freeze_due(table.house)
    table.session = await models.Session.get(id=table.session.id)
