"""The questions that a study asks about people at entry: added from examples or one's own, moved, removed, reworded.

Each press sends the form, which comes back with all that was typed. What may still change is conduct's question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.profile import MOST, MOST_CHOICES, Question, have_answered
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.setup.studies import open_study, signed_in
from consensus.web.setup.study_groups import MOVES
from consensus.web.setup.wordings import Problems, required

EXAMPLES = {"years": 5, "age": 6, "gender": 0, "area": 3}  # with how many choices
OWN = "own"
KEYS = (*EXAMPLES, *(f"q{n}" for n in range(1, 2 * MOST + 1)))


@dataclass(frozen=True, slots=True)
class Row:
    """A question on the page. names, choices: what stands in its fields, by language; choices: a line each."""

    key: str
    label: str
    names: Mapping[str, str]
    choices: Mapping[str, str]


async def questions(ask: Ask) -> Response:
    study = await open_study(ask)
    return await _form(ask, study, [("", ask.error)] if ask.error else [])


async def _form(ask: Ask, study: models.Study, problems: Problems) -> Response:
    rows = _rows(ask, study, problems)
    held = [row.key for row in rows]
    return ask.page(
        "setup/questions.html",
        problems=problems,
        rows=rows,
        added=_new(ask, _held(ask, study)) if "add" in ask.typed and len(held) > len(_held(ask, study)) else "",
        examples=[(key, ask.say(f"profile.example.{key}")) for key in EXAMPLES if key not in held],
        written_in=study.languages,
        fixed=[question["key"] for question in study.profile or ()] if await have_answered(study.id) else [],
        is_saved="saved" in ask.request.query_params,
    )


async def write(ask: Ask) -> Response:
    study = await open_study(ask)
    problems: Problems = []
    if not {"add", "remove", *MOVES}.isdisjoint(ask.typed):
        if "add" in ask.typed and len(_held(ask, study)) >= MOST:
            problems.append(("add", ask.say("questions.most", n=MOST)))
    else:
        found = [_read(ask, row, study, problems) for row in _rows(ask, study, problems)]
        if not problems:
            return await _write(ask, study, found)
    if problems:
        ask.error, ask.status = problems[0][1], 422
    return await _form(ask, study, problems)


async def _write(ask: Ask, study: models.Study, found: Sequence[Question]) -> Response:
    try:
        await conduct.write_questions(ask.house, signed_in(ask), study.id, found)
    except Refused as refused:
        ask.error, ask.status = ask.say(refused.key, **refused.values), 422
        return await _form(ask, study, [("", ask.error)])
    return ask.go("questions", study=study.id, query="saved=yes")


def _held(ask: Ask, study: models.Study) -> list[str]:
    """As the page that was sent had them; at first as the study has them."""
    if "order" not in ask.typed:
        return [question["key"] for question in study.profile or ()]
    return list(dict.fromkeys(key for key in ask.typed.one("order").split() if key in KEYS))


def _order(ask: Ask, study: models.Study) -> list[str]:
    """With what the buttons change."""
    keys = _held(ask, study)
    for button, step in MOVES.items():
        here = keys.index(ask.typed.one(button)) if ask.typed.one(button) in keys else -1
        if here >= 0 and 0 <= here + step < len(keys):
            keys[here], keys[here + step] = keys[here + step], keys[here]
    gone = ask.typed.one("remove")
    added = [_new(ask, keys)] if "add" in ask.typed and len(keys) < MOST else []
    return [*(key for key in keys if key != gone), *added]


def _new(ask: Ask, keys: Sequence[str]) -> str:
    wanted = ask.typed.one("add")
    return (
        wanted
        if wanted in EXAMPLES and wanted not in keys
        else next(key for key in KEYS if key[1:].isdecimal() and key not in keys)
    )


def _rows(ask: Ask, study: models.Study, problems: Problems) -> list[Row]:
    stored = {question["key"]: question for question in study.profile or ()}
    return [_row(ask, key, stored.get(key), study.languages, n) for n, key in enumerate(_order(ask, study), 1)]


def _row(ask: Ask, key: str, stored: Question | None, languages: Sequence[str], n: int) -> Row:
    """What was typed, else what is stored, else what the example says."""
    names, choices = {}, {}
    for language in languages:
        said = _offered(ask, key, language) if stored is None else _stored(stored, language)
        is_typed = f"name.{key}.{language}" in ask.typed
        names[language] = ask.typed(f"name.{key}.{language}") if is_typed else said[0]
        choices[language] = ask.typed(f"choices.{key}.{language}") if is_typed else said[1]
    return Row(
        key, names.get(ask.language) or pick(names, ask.language) or ask.say("questions.nth", n=n), names, choices
    )


def _stored(question: Question, language: str) -> tuple[str, str]:
    lines = [choice["names"].get(language, "") for choice in question.get("choices") or ()]
    return question["names"].get(language, ""), "\n".join(lines)


def _offered(ask: Ask, key: str, language: str) -> tuple[str, str]:
    if key not in EXAMPLES:
        return "", ""
    say = ask.house.texts.say
    lines = [say(language, f"profile.example.{key}.{n}") for n in range(1, EXAMPLES[key] + 1)]
    return say(language, f"profile.example.{key}"), "\n".join(lines)


def _read(ask: Ask, row: Row, study: models.Study, problems: Problems) -> dict[str, Any]:
    """Choices are brought together by their place in each language."""
    names = {name: required(ask, f"name.{row.key}.{name}", problems, "profile_question") for name in study.languages}
    lines = {
        name: [line.strip() for line in row.choices[name].splitlines() if line.strip()] for name in study.languages
    }
    field, longest = f"choices.{row.key}.{study.languages[-1]}", max(map(len, lines.values()))
    if len({len(those) for those in lines.values()}) > 1:
        problems.append((field, ask.say("questions.uneven")))
    elif longest == 1 or longest > MOST_CHOICES:
        problems.append((field, ask.say("questions.how_many", n=MOST_CHOICES)))
    elif any(len(line) > 80 for those in lines.values() for line in those):
        problems.append((field, ask.say("questions.long_choice", n=80)))
    elif any(len({line.casefold() for line in those}) < len(those) for those in lines.values()):
        problems.append((field, ask.say("questions.same_choice")))
    else:
        placed = [{name: lines[name][n] for name in study.languages} for n in range(longest)]
        return {"key": row.key, "names": names, "choices": [_choice(n, said) for n, said in enumerate(placed, 1)]}
    return {"key": row.key, "names": names, "choices": []}


def _choice(n: int, names: Mapping[str, str]) -> dict[str, Any]:
    return {"key": f"c{n}", "names": dict(names)}
