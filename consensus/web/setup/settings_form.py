"""A round's settings and rule as a form and in words, drawn from the kind's own Settings and nothing else.

What a field asks is read from its type: yes or no, one of the kind's choices, a number, a text, a text per language, a
text per thing and language. A kind brings its labels under "setting.<field>", and where choices need a sentence each,
that under "setting.<field>.<choice>.hint". No kind is named here, no page drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_args, get_origin, get_type_hints

from consensus.conduct import Refused
from consensus.text import Texts
from consensus.web.form import Typed
from rounds import KINDS
from rounds.contract import BallotError, number_in
from rounds.kind import Kind
from rounds.rules import SCOPES

HIGHEST, DIGITS = 1_000_000, 7  # no setting counts so far
LIMITS = ("median", "iqr")
QUANTILES = (7, 2, 6, 1, 3, 4, 5, 8, 9)  # the nine ways to find one, the most usual first


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form. shape: check, choice, radios, number, text or area. value: as a form holds it; "1" is
    ticked. options: value, label and, of radios, what it means.

    under: the words above a field that is one of many alike, and may be folded away.
    """

    name: str
    shape: str
    label: str
    value: str
    options: tuple[tuple[str, ...], ...] = ()
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

    def has(self, key: str) -> bool:
        return self.texts.has(self.language, f"{self.kind}.{key}")

    def default(self, field: str, language: str) -> str:
        """The text that a kind proposes for a field that is a text per language, or nothing."""
        key = f"{self.kind}.{field}.default"
        return self.texts.say(language, key) if self.texts.has(language, key) else ""


def _hints(settings: type[Any]) -> list[tuple[str, Any]]:
    hints = get_type_hints(settings)
    return [(field.name, hints[field.name]) for field in fields(settings)]


def _set(voice: Voice, values: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each field with its type and value; a setting that is younger than what is stored has its default."""
    settings = KINDS[voice.kind].Settings
    told = {**asdict(settings()), **values}
    yield from ((field, hint, told[field]) for field, hint in _hints(settings))


def _is_mapping(hint: Any) -> bool:
    return get_origin(hint) is not None and issubclass(get_origin(hint), Mapping)


def controls(voice: Voice, values: Mapping[str, Any], typed: Typed) -> list[Control]:
    """The form of a kind's settings. values: as stored; typed: what was sent, where a form was, else empty."""
    found: list[Control] = []
    for field, hint, value in _set(voice, values):
        for control in _controls(voice, KINDS[voice.kind], field, hint, value):
            now = typed.one(control.name) if typed else control.value
            found.append(replace(control, value=now))
    return found


def _controls(voice: Voice, kind: Kind, field: str, hint: Any, value: Any) -> Iterator[Control]:
    name, label = f"setting.{field}", voice.say(f"setting.{field}")
    if _is_mapping(hint):
        yield from _worded(voice, kind, field, hint, value or {})
    elif hint is bool:
        yield Control(name, "check", label, "1" if value else "")
    elif hint is int:
        yield Control(name, "number", label, str(value))
    elif offered := kind.choices.get(field):
        keys = {choice: f"setting.{field}.{choice}" for choice in offered}
        if all(voice.has(f"{key}.hint") for key in keys.values()):
            said = tuple((choice, voice.say(key), voice.say(f"{key}.hint")) for choice, key in keys.items())
            yield Control(name, "radios", label, str(value), said)
        else:
            yield Control(name, "choice", label, str(value), tuple((one, voice.say(key)) for one, key in keys.items()))
    else:
        yield Control(name, "text", label, str(value))


def _worded(voice: Voice, kind: Kind, field: str, hint: Any, value: Mapping[str, Any]) -> Iterator[Control]:
    if get_args(hint)[1] is str:
        for language in voice.languages:
            label = _in(voice, voice.say(f"setting.{field}"), language)
            text = value.get(language) or voice.default(field, language)
            yield Control(f"setting.{field}.{language}", "area", label, text, lang=language)
        return
    for thing in kind.choices.get(field, ()):
        for language in voice.languages:
            label = _in(voice, voice.say(f"setting.{field}.{thing}"), language)
            text = value.get(thing, {}).get(language, "")
            under = voice.say(f"setting.{field}")
            yield Control(f"setting.{field}.{thing}.{language}", "text", label, text, lang=language, under=under)


def _in(voice: Voice, label: str, language: str) -> str:
    if len(voice.languages) == 1:
        return label
    return voice.shared("setup.label_in", label=label, spoken=voice.shared(f"language.{language}"))


def read_settings(voice: Voice, form: Typed) -> dict[str, Any]:
    """The settings that a form says, checked by the kind; Refused with the kind's own sentence."""
    kind = KINDS[voice.kind]
    values = {field: _value(voice, kind, field, hint, form) for field, hint in _hints(kind.Settings)}
    try:
        kind.Settings(**values)
    except BallotError as refused:
        raise Refused(f"{voice.kind}.{refused.key}", **refused.values) from refused
    return values


def _value(voice: Voice, kind: Kind, field: str, hint: Any, form: Typed) -> Any:
    name = f"setting.{field}"
    if hint is bool:
        return form.one(name) == "1"
    if hint is int and name not in form:
        return asdict(kind.Settings())[field]  # a page from before there was such a number
    if hint is int:
        return whole(form, name, voice.say(name))
    if not _is_mapping(hint):
        return form.one(name)
    if get_args(hint)[1] is str:
        return _texts(form, name, voice.languages)
    things = {thing: _texts(form, f"{name}.{thing}", voice.languages) for thing in kind.choices.get(field, ())}
    return {thing: texts for thing, texts in things.items() if texts}


def _texts(form: Typed, name: str, languages: Iterable[str]) -> dict[str, str]:
    return {language: text for language in languages if (text := form.one(f"{name}.{language}").replace("\r\n", "\n"))}


def whole(form: Typed, name: str, label: str) -> int:
    """A whole number, 0 or more; Refused with the label of the field."""
    found = number_in(_without_spaces(form, name), DIGITS)
    if found is None or found > HIGHEST:
        raise Refused("setup.not_a_number", label=label, value=form.one(name)[:20])
    return found


def _without_spaces(form: Typed, name: str) -> str:
    """Thousands stand apart, in French by a space that does not break."""
    return form.one(name).replace("\u00a0", "").replace(" ", "")


def in_words(voice: Voice, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is set, as (label, value); fields left empty are not listed."""
    found: list[tuple[str, str]] = []
    for field, hint, value in _set(voice, values):
        for control in _controls(voice, KINDS[voice.kind], field, hint, value):
            if words := _spoken(voice, control):
                found.append((control.label, words))
    return found


def _spoken(voice: Voice, control: Control) -> str:
    if control.shape == "check":
        return voice.shared("yes" if control.value else "no")
    if control.options:
        return {value: label for value, label, *_ in control.options}.get(control.value, control.value)
    return control.value


def rules_for(kind: Kind, settings: Any) -> tuple[str, ...]:
    """The rules a kind can follow, told by its verdicts: an order is decided by places, a decision alone by shares
    or by how the answers lie. And those that it adds."""
    verdicts = {column.name for column in kind.columns(settings) if column.verdict}
    if "decision" not in verdicts:
        return ()
    return (*(("first",) if "rank" in verdicts else ("share", "ram", "spread", "majority")), *kind.rules)


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule as its form shows it: as stored, and what is offered where nothing is."""

    name: str = ""
    percent: str = "75"
    opposite: str = ""
    scope: str = SCOPES[0]
    blocks: str = "1"
    method: str = "ipras"
    kind: str = str(QUANTILES[0])
    median: str = "7"
    iqr: str = "2"
    n: str = "10"

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> RuleForm:
        return cls(**{name: str(value) for name, value in stored.items() if value is not None})


def rule_choices(say: Callable[..., str], offered: Sequence[str]) -> list[tuple[str, str, str]]:
    """No rule, and those offered, each with what it means."""
    named = [("", "setup.rule.none"), *((name, f"setup.rule.{name}") for name in offered)]
    return [(name, say(key), say(f"{key}.hint")) for name, key in named]


def quantiles(say: Callable[..., str], texts: Texts, language: str) -> list[tuple[int, str]]:
    """The ways to find a quantile, by number; the usual ones have a name."""
    keys = [(kind, f"setup.rule.kind.{kind}") for kind in QUANTILES]
    named = {kind: say(key) for kind, key in keys if texts.has(language, key)}
    return [(kind, named.get(kind) or say("setup.rule.kind.other", kind=kind)) for kind in QUANTILES]


def read_rule(form: Typed, offered: Sequence[str], say: Callable[..., str]) -> dict[str, Any] | None:
    """The rule that a form says, as stored; None for no rule. rounds.rules checks what the numbers may be."""
    name = form.one("rule.name")
    if name not in offered:
        return None
    if name == "first":
        return {"name": name, "n": whole(form, "rule.n", say("setup.rule.n"))}
    if name == "ram":
        return {"name": name, "method": form.one("rule.ram.method"), "kind": _kind(form, "rule.ram.kind", say)}
    if name == "spread":
        limits = {limit: decimal(form, f"rule.spread.{limit}", say(f"setup.rule.{limit}")) for limit in LIMITS}
        return {"name": name, **limits, "kind": _kind(form, "rule.spread.kind", say)}
    if name == "majority":
        return {"name": name}
    return {"name": name, **_share(form, say), **(_opposite(form, say) if name == "share" else {})}


def _share(form: Typed, say: Callable[..., str]) -> dict[str, Any]:
    scope = form.one("rule.scope")
    return {
        "percent": decimal(form, "rule.percent", say("setup.rule.percent")),
        "scope": scope,
        "blocks": whole(form, "rule.blocks", say("setup.rule.blocks")) if scope == SCOPES[-1] else 1,
    }


def _opposite(form: Typed, say: Callable[..., str]) -> dict[str, Any]:
    """The share in the other band that prevents it, where there is one."""
    is_said = bool(form.one("rule.opposite"))
    return {"opposite": decimal(form, "rule.opposite", say("setup.rule.opposite")) if is_said else None}


def _kind(form: Typed, name: str, say: Callable[..., str]) -> int:
    return whole(form, name, say("setup.rule.kind"))


def decimal(form: Typed, name: str, label: str) -> int | str:
    """A number, 0 or more, whole or with decimals after a comma or a point; Refused with the label of the field."""
    text = _without_spaces(form, name).replace(",", ".")
    before, _, after = text.partition(".")
    if not (before.isdecimal() and (after.isdecimal() or text == before) and len(text) <= DIGITS):
        raise Refused("setup.not_a_number", label=label, value=form.one(name)[:20])
    return f"{int(before)}.{after}" if after else int(before)
