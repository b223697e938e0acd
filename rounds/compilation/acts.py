"""What a form of the team asks for: each act read, checked against the cards of this very moment, and made explicit.

A form that comes too late is told who handled the card, and how. The marks carry the new ids and every field of the
new statements. Never add here: counting, or a change to what a participant wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rounds.compilation.flags import Flag, flags
from rounds.compilation.replay import Todo
from rounds.contract import (
    LATER,
    REALIST,
    SPREADS,
    BallotError,
    Form,
    Marks,
    Round,
    Statement,
    Tally,
    joined,
    number_in,
    one,
)
from rounds.written import plain, written

LONGEST = 1000  # characters of a wording, a reason or a theme
NATURES = ("helps", "hinders", "next_step")
LEVELS = ("macro", "meso", "micro")
REASONS = OFF, OPTIONAL, REQUIRED = ("off", "optional", "required")  # of accepting, joining and splitting


@dataclass(frozen=True, slots=True)
class Desk:
    """One form, with the cards as they lie: open proposals and standing statements."""

    form: Form
    round: Round
    todo: Todo
    live: Mapping[str, Statement]

    @property
    def open(self) -> dict[str, Statement]:
        return {statement.id: statement for statement in self.todo.open}

    def cards(self, least: int = 1, most: int | None = 1) -> list[Statement]:
        """The cards named by the form, each still there. BallotError: gone, unknown, too few or too many."""
        names = list(dict.fromkeys(name.strip() for name in self.form.get("of", ()) if name.strip()))
        found = [self._card(name) for name in names]
        if len(found) < least:
            raise BallotError("choose_two" if least > 1 else "choose_a_card")
        if most is not None and len(found) > most:
            raise BallotError("choose_one_card")
        return found

    def _card(self, name: str) -> Statement:
        card = self.open.get(name) or self.live.get(name)
        if card is not None:
            return card
        if name in self.todo.taken:
            act = self.todo.taken[name]
            raise BallotError(f"already_done.{act.act}.{act.role}", card=name)
        raise BallotError("no_such_card", card=name)

    def statement(self) -> Statement:
        """The one standing statement that the form names."""
        (card,) = self.cards()
        if card.id not in self.live:
            raise BallotError("not_accepted_yet", card=card.id)
        return card

    def new(self, place: int = 0) -> str:
        return f"S{self.todo.next + place:02}"

    def text(self, name: str) -> str:
        return written(self.form, name, LONGEST)

    def reason(self) -> str:
        reason = self.text("reason")
        if not reason:
            raise BallotError("reason_needed")
        return reason

    def because(self) -> dict[str, str]:
        """The reason of accepting, joining or splitting; left out where there is none, as in acts of before."""
        asked = self.round.settings.reasons
        reason = "" if asked == OFF else self.reason() if asked == REQUIRED else self.text("reason")
        return {"reason": reason} if reason else {}

    def ticked(self, name: str) -> bool:
        return one(self.form, name) == "1"


def read_act(form: Form, round: Round, now: Tally) -> Marks:
    """The marks of one act. BallotError where it cannot be taken."""
    act = one(form, "act") or one(form, "look")
    if act not in READ:
        raise BallotError("unknown_act", act=act)
    return {"act": act, **READ[act](Desk(form, round, now.todo, {s.id: s for s in now.statements}))}


def _accept(desk: Desk) -> dict[str, Any]:
    (card,) = desk.cards()
    if card.id in desk.live:
        raise BallotError("is_a_statement", card=card.id)
    made = [_made(desk, desk.new(), _wordings(desk, card.wordings), [card])]
    return {"of": [card.id], "made": made, **desk.because()}


def _accept_all(desk: Desk) -> dict[str, Any]:
    waiting = desk.todo.open
    if not waiting:
        raise BallotError("nothing_open")
    if desk.todo.flags and not desk.ticked("looked"):
        raise BallotError("flagged_all", n=len(desk.todo.flags), cards=", ".join(desk.todo.flags))
    made = [_as_it_is(desk.new(place), card) for place, card in enumerate(waiting)]
    return {"of": [card.id for card in waiting], "made": made, **desk.because()}


def _merge(desk: Desk) -> dict[str, Any]:
    cards = desk.cards(least=2, most=None)
    made = [_made(desk, desk.new(), _wordings(desk, {}), cards)]
    return {"of": [card.id for card in cards], "made": made, **desk.because()}


def _split(desk: Desk) -> dict[str, Any]:
    (card,) = desk.cards()
    pieces = _pieces(desk)
    if len(pieces) < 2:
        raise BallotError("two_pieces")
    made = [_made(desk, desk.new(place), piece, [card], is_piece=True) for place, piece in enumerate(pieces)]
    return {"of": [card.id], "made": made, **desk.because()}


def _reword(desk: Desk) -> dict[str, Any]:
    card = desk.statement()
    seen = one(desk.form, "seen")  # how many wordings it had had when the form was made; a form may not say so
    if seen and seen != str(len(desk.todo.earlier.get(card.id, ()))):
        raise BallotError("reworded_meanwhile", card=card.id)
    made = _made(desk, card.id, _wordings(desk, card.wordings), [card])
    if made == _as_it_is(card.id, card):
        raise BallotError("nothing_changed", card=card.id)
    return {"of": [card.id], "made": [made]}


def _check(desk: Desk) -> dict[str, Any]:
    card = desk.statement()
    named = [language for language in desk.form.get("checked", ()) if language in desk.round.languages]
    languages = [language for language in card.unchecked if language in named or not named]
    if not languages:
        raise BallotError("nothing_to_check", card=card.id)
    return {"of": [card.id], "languages": languages}


def _reject(desk: Desk) -> dict[str, Any]:
    (card,) = desk.cards()
    return {"of": [card.id], "reason": desk.reason()}


def _add(desk: Desk) -> dict[str, Any]:
    return {"of": [], "made": [_made(desk, desk.new(), _wordings(desk, {}), [])], "reason": desk.reason()}


def _undo(desk: Desk) -> dict[str, Any]:
    seq = one(desk.form, "undo")
    number = number_in(seq, digits=15)
    act = None if number is None else desk.todo.act(number)
    if act is None or act.undoes is not None:
        raise BallotError("no_such_act", value=seq)
    if not act.stands:
        raise BallotError("already_undone", seq=act.seq)
    if act.held_by is not None:
        raise BallotError("built_on", seq=act.seq, later=act.held_by)
    return {"undo": act.seq}


READ: dict[str, Callable[[Desk], dict[str, Any]]] = {
    "accept": _accept,
    "accept_all": _accept_all,
    "merge": _merge,
    "split": _split,
    "reword": _reword,
    "check": _check,
    "reject": _reject,
    "add": _add,
    "undo": _undo,
}


def _wordings(desk: Desk, before: Mapping[str, str], piece: str = "") -> dict[str, str]:
    """A wording per language: a field that the form lacks keeps what was before, an empty one takes it away."""
    wordings = dict(before)
    for language in desk.round.languages:
        name = f"wording.{language}{piece}"
        if name in desk.form:
            wordings[language] = desk.text(name)
    wordings = {language: text for language, text in wordings.items() if text}
    if not wordings and not piece:
        raise BallotError("no_wording")
    return wordings


def _pieces(desk: Desk) -> list[dict[str, str]]:
    """Wordings of the pieces, in the order of their numbers; pieces left empty are passed over."""
    endings = {name.rpartition(".")[2] for name in desk.form if name.startswith("wording.")}
    numbers = sorted(found for ending in endings if (found := number_in(ending, digits=3)) is not None)
    pieces = (_wordings(desk, {}, f".{number}") for number in dict.fromkeys(numbers))
    return [piece for piece in pieces if piece]


def _made(
    desk: Desk, name: str, wordings: Mapping[str, str], of: Sequence[Statement], is_piece: bool = False
) -> dict[str, Any]:
    """Every field of a new or reworded statement. BallotError("flagged") where nobody has looked at a detail."""
    _look(desk, wordings, of)
    nature, level = _offered(desk, "nature", of, NATURES), _offered(desk, "level", of, LEVELS)
    original = of[0].original if of and of[0].original in wordings else min(wordings, key=_place(desk.round))
    return {
        "id": name,
        "wordings": dict(wordings),
        "original": original,
        "unchecked": [] if is_piece or desk.ticked("checked") else _unchecked(wordings, of),
        "nature": nature,
        "level": level,
        "theme": desk.text("theme") if "theme" in desk.form else _shared([card.theme for card in of]),
        "source": joined(card.source for card in of),
        **_later(desk, of),
    }


def _as_it_is(name: str, card: Statement) -> dict[str, Any]:
    return {
        "id": name,
        "wordings": dict(card.wordings),
        "original": card.original,
        "unchecked": list(card.unchecked),
        "nature": card.nature,
        "level": card.level,
        "theme": card.theme,
        "source": card.source,
        **{field: getattr(card, field) for field in LATER if getattr(card, field)},
    }


def _later(desk: Desk, of: Sequence[Statement]) -> dict[str, str]:
    """Fields that came later, each left out where it is empty, as it was before there were any."""
    said = {name: joined(getattr(card, name) for card in of) for name in ("source_id", "site")}
    said["spread"] = _offered(desk, "spread", of, SPREADS)
    said |= {name: _reasoned(desk, name, of) for name in REALIST}
    return {name: value for name, value in said.items() if value}


def _reasoned(desk: Desk, name: str, of: Sequence[Statement]) -> str:
    """What was typed; where the field says what it did for the first card, nobody chose: then what all of them say."""
    is_left = name not in desk.form or (bool(of) and plain(one(desk.form, name)) == plain(getattr(of[0], name)))
    return joined(getattr(card, name) for card in of) if is_left else desk.text(name)


def _place(round: Round) -> Callable[[str], int]:
    return lambda language: round.languages.index(language) if language in round.languages else len(round.languages)


def _offered(desk: Desk, name: str, of: Sequence[Statement], offered: Sequence[str]) -> str:
    if name not in desk.form:
        return _shared([getattr(card, name) for card in of])
    value = one(desk.form, name)
    if value and value not in offered:
        raise BallotError(f"unknown_{name}", value=value)
    return value


def _shared(values: Sequence[str]) -> str:
    """What all cards that say something say; "" where they differ."""
    said = set(filter(None, values))
    return said.pop() if len(said) == 1 else ""


def _look(desk: Desk, wordings: Mapping[str, str], of: Sequence[Statement]) -> None:
    """Details in wordings that are new among the statements; those of a standing statement were looked at before."""
    if desk.ticked("looked"):
        return
    known = {text for card in of if card.id in desk.live for text in card.wordings.values()}
    found: list[Flag] = [flag for text in wordings.values() if text not in known for flag in flags(text)]
    if found:
        raise BallotError("flagged", found=", ".join(dict.fromkeys(flag.text for flag in found)))


def _unchecked(wordings: Mapping[str, str], of: Sequence[Statement]) -> list[str]:
    """Languages whose wording was carried over from a card while another language left that card behind."""
    return sorted(language for language in wordings if _lags(language, wordings, of))


def _lags(language: str, wordings: Mapping[str, str], of: Sequence[Statement]) -> bool:
    sources = [card for card in of if card.wordings.get(language) == wordings[language]]
    return bool(sources) and all(_left_behind(card, language, wordings) for card in sources)


def _left_behind(card: Statement, language: str, wordings: Mapping[str, str]) -> bool:
    if language in card.unchecked:
        return True
    # A wording that was itself waiting to be checked catches up when it changes: the others do not wait for it.
    others = [other for other in card.wordings if other in wordings and other not in card.unchecked]
    return any(wordings[other] != card.wordings[other] for other in others)
