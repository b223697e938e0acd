"""What a round takes, on the plan of a session: in words, to choose from, and as it was chosen.

Statements come from the round before, from an earlier one or from elsewhere: all or those of one place, and of these
all or some natures and levels. Whether a round may take them is asked of conduct; nothing is taken here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consensus import conduct, models
from consensus.facts import round_name, rounds_of
from consensus.text import listed
from consensus.web.asking import Ask
from rounds import KINDS
from rounds.lineage import ALL, BROUGHT, LEVELS, NATURES, Choice

Groups = list[tuple[str, list[tuple[str, str]]]]  # what a choice stands under, with its options (value, words)


@dataclass(frozen=True, slots=True)
class Taking:
    """What a round takes. words: as a sentence or two, "" where nothing is to be said; is_lost: it would take nothing.

    groups, value: to choose from, and what is chosen; none where there is no choice of a place. natures, levels: words
    of each; chosen: those of them that are taken. () for both where nothing comes in.
    """

    words: str
    is_lost: bool
    groups: Groups
    value: str
    natures: Sequence[tuple[str, str]]
    levels: Sequence[tuple[str, str]]
    choice: Choice


async def taking_of(ask: Ask, row: models.Round) -> Taking:
    choice = Choice.of(row.takes)
    if not KINDS[row.kind].fewest:  # people write what they work on
        return Taking("", False, [], "", (), (), choice)
    rows = await models.Round.filter(session_id=row.session_id).order_by("position")
    names = {one.key: round_name(ask.say, one, ask.language) for one in rounds_of(rows)}
    known, source = await conduct.sources(row), await conduct.source_of(row)
    choice = choice if source else choice.with_place(ALL)  # what was brought stands in no place
    of = row.takes_of if row.takes_of in known else ""
    is_lost = choice.place not in known.get(of, (ALL,))
    by_key = {one.key: one for one in rows}
    last = next((one for one in reversed(rows) if one.position < row.position), None)
    groups = [
        (_head(ask, key, last, names), _options(ask, key, places, by_key.get(key) or last))
        for key, places in known.items()
        if last is not None
    ]
    if is_lost and groups and source:
        groups[0][1].append(
            (_value(of, choice.place), ask.say("takes.lost.short", place=place(ask, source, choice.place)))
        )
    return Taking(
        words=_words(ask, row, choice, source, last, names, is_lost),
        is_lost=is_lost,
        groups=groups if sum(len(options) for _, options in groups) > 1 else [],
        value=_value(of, choice.place),
        natures=[(name, ask.say(f"nature.{name}")) for name in NATURES],
        levels=[(name, ask.say(f"level.{name}")) for name in LEVELS],
        choice=choice,
    )


def read_taking(ask: Ask, row: models.Round) -> tuple[str, str]:
    """takes and takes_of, as they were chosen."""
    choice, of = Choice.of(row.takes), row.takes_of
    if "takes" in ask.typed:
        before, colon, after = ask.typed.one("takes").partition(":")
        of, chosen = (before, after) if colon else ("", before)
        choice = choice.with_place(chosen)
    if "chooses" in ask.typed:  # unticked boxes are not sent
        natures, levels = (tuple(ask.typed.many(name)) for name in ("natures", "levels"))
        choice = Choice(choice.place, natures, levels)
    return str(choice), of


def _value(of: str, place: str) -> str:
    return f"{of}:{place}" if of else place


def _head(ask: Ask, key: str, last: models.Round | None, names: dict[str, str]) -> str:
    if key == BROUGHT:
        return ask.say("takes.brought")
    return ask.say("takes.before", round=names[last.key]) if last is not None and not key else names[key]


def _options(ask: Ask, of: str, places: Sequence[str], source: models.Round | None) -> list[tuple[str, str]]:
    words = {ALL: ask.say("takes.every")}
    return [(_value(of, name), words.get(name) or (place(ask, source, name) if source else name)) for name in places]


def place(ask: Ask, source: models.Round, name: str) -> str:
    """A place of a round, as the team named it, or by its kind's own words."""
    if given := source.settings.get("names", {}).get(name, {}).get(ask.language):
        return str(given)
    has = ask.house.texts.has
    known = [key for key in (f"{source.kind}.zone.{name}", f"decision.{name}") if has(ask.language, key)]
    return ask.say(known[0]) if known else name


def _words(
    ask: Ask,
    row: models.Round,
    choice: Choice,
    source: models.Round | None,
    last: models.Round | None,
    names: dict[str, str],
    is_lost: bool,
) -> str:
    if source is None:
        found = ask.say("takes.imported") if ask.here.imported or row.takes_of == BROUGHT else ""
    elif is_lost:
        found = ask.say("takes.lost", place=place(ask, source, choice.place))
    elif last is not None and source.id == last.id:
        key = "takes.all" if choice.place == ALL else "takes.place"
        found = ask.say(key, **({} if choice.place == ALL else {"place": place(ask, source, choice.place)}))
    elif choice.place == ALL:
        found = ask.say("takes.of.all", round=names[source.key])
    else:
        found = ask.say("takes.of.place", round=names[source.key], place=place(ask, source, choice.place))
    return " ".join([found, *_only(ask, choice)]).strip()


def _only(ask: Ask, choice: Choice) -> list[str]:
    """Which of them, by nature and by level."""
    found = []
    for key, names in (("nature", choice.natures), ("level", choice.levels)):
        if names:
            words = [ask.say(f"{key}.{name}") for name in names]
            found.append(ask.say(f"takes.only.{key}", names=listed(ask.language, words)))
    return found
