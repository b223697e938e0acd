"""A round's settings and rule as a form and in words, drawn from the kind's own Settings and nothing else.

What a field asks is read from its type: yes or no, one of `choices`, a number, a text, a text per language, a text
per thing and language. A kind brings its labels under "setting.<field>". No kind is named here, no page drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, get_args, get_origin, get_type_hints

from consensus.conduct import Refused
from consensus.text import Texts
from rounds import KINDS
from rounds.contract import BallotError, Form, Kind, one
from rounds.rules import SCOPES

HIGHEST = 1_000_000  # no setting counts so far
LIMITS = ("median", "iqr")


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form. shape: check, choice, number, text or area. value: as a form holds it; "1" is ticked.

    under: the words above a field that is one of many alike, and may be folded away.
    """

    name: str
    shape: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    lang: str = ""
    under: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """The sentences of one kind in one language; languages: of the session."""

    texts: Texts
    language: str
    kind: str
    languages: Sequence[str]

    def say(self, key: str, **values: object) -> str:
        return self.texts.say(self.language, f"{self.kind}.{key}", **values)

    def shared(self, key: str, **values: object) -> str:
        return self.texts.say(self.language, key, **values)

    def default(self, field: str, language: str) -> str:
        """The text that a kind proposes for a field that is a text per language, or nothing."""
        key = f"{self.kind}.{field}.default"
        return self.texts.say(language, key) if self.texts.has(language, key) else ""


def _hints(settings: type[Any]) -> list[tuple[str, Any]]:
    hints = get_type_hints(settings)
    return [(field.name, hints[field.name]) for field in fields(settings)]


def _is_mapping(hint: Any) -> bool:
    return get_origin(hint) is not None and issubclass(get_origin(hint), Mapping)


def _choices(settings: type[Any], field: str) -> tuple[str, ...]:
    """The values that a field offers; of a mapping, the things that may be named."""
    return tuple(getattr(settings, "choices", {}).get(field, ()))


def controls(voice: Voice, values: Mapping[str, Any], typed: Form) -> list[Control]:
    """The form of a kind's settings. values: as stored; typed: what was sent, where a form was, else empty."""
    settings = KINDS[voice.kind].Settings
    found: list[Control] = []
    for field, hint in _hints(settings):
        for control in _controls(voice, settings, field, hint, values.get(field)):
            now = one(typed, control.name) if typed else control.value
            found.append(replace(control, value=now))
    return found


def _controls(voice: Voice, settings: type[Any], field: str, hint: Any, value: Any) -> Iterator[Control]:
    name, label = f"setting.{field}", voice.say(f"setting.{field}")
    if _is_mapping(hint):
        yield from _worded(voice, settings, field, hint, value or {})
    elif hint is bool:
        yield Control(name, "check", label, "1" if value else "")
    elif hint is int:
        yield Control(name, "number", label, str(value))
    elif offered := _choices(settings, field):
        words = tuple((choice, voice.say(f"setting.{field}.{choice}")) for choice in offered)
        yield Control(name, "choice", label, str(value), words)
    else:
        yield Control(name, "text", label, str(value))


def _worded(voice: Voice, settings: type[Any], field: str, hint: Any, value: Mapping[str, Any]) -> Iterator[Control]:
    if get_args(hint)[1] is str:
        for language in voice.languages:
            label = _in(voice, voice.say(f"setting.{field}"), language)
            text = value.get(language) or voice.default(field, language)
            yield Control(f"setting.{field}.{language}", "area", label, text, lang=language)
        return
    for thing in _choices(settings, field):
        for language in voice.languages:
            label = _in(voice, voice.say(f"setting.{field}.{thing}"), language)
            text = value.get(thing, {}).get(language, "")
            under = voice.say(f"setting.{field}")
            yield Control(f"setting.{field}.{thing}.{language}", "text", label, text, lang=language, under=under)


def _in(voice: Voice, label: str, language: str) -> str:
    if len(voice.languages) == 1:
        return label
    return voice.shared("setup.label_in", label=label, spoken=voice.shared(f"language.{language}"))


def read_settings(voice: Voice, form: Form) -> dict[str, Any]:
    """The settings that a form says, checked by the kind; Refused with the kind's own sentence."""
    settings = KINDS[voice.kind].Settings
    values = {field: _value(voice, settings, field, hint, form) for field, hint in _hints(settings)}
    try:
        settings(**values)
    except BallotError as refused:
        raise Refused(f"{voice.kind}.{refused.key}", **refused.values) from refused
    return values


def _value(voice: Voice, settings: type[Any], field: str, hint: Any, form: Form) -> Any:
    name = f"setting.{field}"
    if hint is bool:
        return one(form, name) == "1"
    if hint is int:
        return whole(form, name, voice.say(name))
    if not _is_mapping(hint):
        return one(form, name)
    if get_args(hint)[1] is str:
        return _texts(form, name, voice.languages)
    things = {thing: _texts(form, f"{name}.{thing}", voice.languages) for thing in _choices(settings, field)}
    return {thing: texts for thing, texts in things.items() if texts}


def _texts(form: Form, name: str, languages: Iterable[str]) -> dict[str, str]:
    return {language: text for language in languages if (text := one(form, f"{name}.{language}").replace("\r\n", "\n"))}


def whole(form: Form, name: str, label: str) -> int:
    """A whole number, 0 or more; Refused with the label of the field."""
    text = one(form, name).replace("\u00a0", "").replace(" ", "")
    if not (text.isdecimal() and len(text) < 8 and int(text) <= HIGHEST):
        raise Refused("setup.not_a_number", label=label, value=one(form, name)[:20])
    return int(text)


def in_words(voice: Voice, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is set, as (label, value); fields left empty are not listed."""
    settings = KINDS[voice.kind].Settings
    found: list[tuple[str, str]] = []
    for field, hint in _hints(settings):
        for control in _controls(voice, settings, field, hint, values.get(field)):
            if words := _spoken(voice, control):
                found.append((control.label, words))
    return found


def _spoken(voice: Voice, control: Control) -> str:
    if control.shape == "check":
        return voice.shared("yes" if control.value else "no")
    if control.shape == "choice":
        return dict(control.options).get(control.value, control.value)
    return control.value


def rules_for(kind: Kind, settings: Any) -> tuple[str, ...]:
    """The rules a kind can follow, told by its verdicts: an order is decided by places, a decision alone by shares
    or by how the answers lie."""
    verdicts = {column.name for column in kind.columns(settings) if column.verdict}
    if "decision" not in verdicts:
        return ()
    return ("first",) if "rank" in verdicts else ("share", "ram", "spread", "majority")


def read_rule(form: Form, offered: Sequence[str], say: Callable[..., str]) -> dict[str, Any] | None:
    """The rule that a form says, as stored; None for no rule. rounds.rules checks what the numbers may be."""
    name = one(form, "rule.name")
    if name not in offered:
        return None
    if name == "first":
        return {"name": name, "n": whole(form, "rule.n", say("setup.rule.n"))}
    if name == "ram":
        return {"name": name, "method": one(form, "rule.ram.method"), "kind": _kind(form, "rule.ram.kind", say)}
    if name == "spread":
        limits = {limit: decimal(form, f"rule.spread.{limit}", say(f"setup.rule.{limit}")) for limit in LIMITS}
        return {"name": name, **limits, "kind": _kind(form, "rule.spread.kind", say)}
    if name == "majority":
        return {"name": name}
    opposite = one(form, "rule.opposite")
    scope = one(form, "rule.scope")
    return {
        "name": name,
        "percent": decimal(form, "rule.percent", say("setup.rule.percent")),
        "opposite": decimal(form, "rule.opposite", say("setup.rule.opposite")) if opposite else None,
        "scope": scope,
        "blocks": whole(form, "rule.blocks", say("setup.rule.blocks")) if scope == SCOPES[-1] else 1,
    }


def _kind(form: Form, name: str, say: Callable[..., str]) -> int:
    return whole(form, name, say("setup.rule.kind"))


def decimal(form: Form, name: str, label: str) -> int | str:
    """A number, 0 or more, whole or with decimals after a comma or a point; Refused with the label of the field."""
    text = one(form, name).replace("\u00a0", "").replace(" ", "").replace(",", ".")
    before, _, after = text.partition(".")
    if not (before.isdecimal() and (after.isdecimal() or text == before) and len(text) < 8):
        raise Refused("setup.not_a_number", label=label, value=one(form, name)[:20])
    return f"{int(before)}.{after}" if after else int(before)
