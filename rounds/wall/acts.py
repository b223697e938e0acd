"""What a form at the wall says: a signal of a participant, or an act of the team on the wall as it stands now.

Every refusal is here, and names a sentence. Nothing is moved or counted: that is replay.py's and figures.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rounds.contract import TEAM, BallotError, By, Form, Marks, Round, Statement, Tally, one
from rounds.wall.replay import number_of, numbered
from rounds.wall.settings import BIN, FRIDGE, GROUPING, SELECTION, SIGNALS, VETO, WAYS_TO_DECIDE, ZONES
from rounds.wall.state import Act, Wall, builds_on
from rounds.wall.wording import new_card, piece_numbers, reworded, wordings
from rounds.written import LONGEST, written


@dataclass(frozen=True, slots=True)
class At:
    """A form of the team, the round, who sends it, and the wall at this moment."""

    form: Form
    round: Round
    by: By
    wall: Wall

    @property
    def languages(self) -> tuple[str, ...]:
        return self.round.languages

    @property
    def cards(self) -> Mapping[str, Statement]:
        return self.wall.cards

    def zone_of(self, card: str) -> str:
        """The name that the team gave to the zone where a card stands, or else the zone's key."""
        zone = self.wall.zone(card)
        return str(self.round.settings.name(zone, self.by.language) or zone)

    def text(self, name: str, default: str = "") -> str:
        return written(self.form, name, LONGEST) or default

    @property
    def checked(self) -> bool:
        return bool(self.text("checked"))


def read(form: Form, round: Round, by: By, now: Tally | None) -> Marks:
    """One act. The team may do everything but signal; participants may only signal."""
    assert now is not None, "the wall is ordered: the engine gives its tally of this moment"
    wall: Wall = now.todo
    act = one(form, "act") or _meant(form, by)
    if by.role not in TEAM:
        if act != "signal":
            raise BallotError("team_only")
        return _signal(form, wall)
    if act == "signal":
        raise BallotError("participants_only")
    if act not in READ:
        raise BallotError("no_such_act")
    return {"act": act, **READ[act](At(form, round, by, wall))}


def _meant(form: Form, by: By) -> str:
    """A button names one field only: a participant's is a signal, the team's that names a zone is a move."""
    if by.role not in TEAM:
        return "signal"
    return one(form, "look") or ("move" if one(form, "to") else "")


def _signal(form: Form, wall: Wall) -> Marks:
    if wall.table is None or one(form, "call") != str(wall.table.call):
        raise BallotError("next_card")
    if one(form, "signal") not in SIGNALS:
        raise BallotError("choose_signal")
    return {"act": "signal", "call": wall.table.call, "card": wall.table.card, "signal": one(form, "signal")}


def _card(at: At) -> Statement:
    """The card that the form names, unchanged since the person saw it."""
    return _fresh(at, at.text("card"), at.text("seen", "0"))


def _fresh(at: At, card: str, seen: str) -> Statement:
    if card not in at.cards:
        raise _gone(at.wall, card)
    if seen != str(at.wall.versions[card]):
        raise _changed(at, card)
    return at.cards[card]


def _latest(wall: Wall, card: str) -> Act | None:
    """The last act that changed a card, an undo included; calls change nothing."""
    return next((act for act in wall.history if card in act.cards and act.act not in {"call", "show"}), None)


def _gone(wall: Wall, card: str) -> BallotError:
    latest = _latest(wall, card)
    if latest is None:
        return BallotError("no_such_card", card=card)
    return BallotError("gone_already", card=card, who=latest.role.value)


def _changed(at: At, card: str) -> BallotError:
    """Who was there first, and where the card is now."""
    latest = _latest(at.wall, card)
    if latest is None:
        return BallotError("look_again", card=card)
    if latest.act in {"reword", "check"}:
        return BallotError("reworded_already", who=latest.role.value, card=card)
    return BallotError("moved_already", who=latest.role.value, zone=at.zone_of(card), card=card)


def _call(at: At) -> dict[str, Any]:
    card = _card(at).id
    if at.wall.table and at.wall.table.card == card:
        raise BallotError("on_table", card=card)
    return {"card": card, "present": dict(sorted(at.by.present.items()))}


def _show(at: At) -> dict[str, Any]:
    """Show the signals as they are: who has not signalled yet waits for enough others."""
    if at.wall.table is None:
        raise BallotError("table_empty")
    if at.text("card", at.wall.table.card) != at.wall.table.card:
        raise BallotError("table_changed", card=at.wall.table.card)
    if at.wall.table.is_shown:
        raise BallotError("shown_already")
    return {"card": at.wall.table.card}


def _clear(at: At) -> dict[str, Any]:
    """Take the card off the table; a form that names a card means that one and no other."""
    if at.wall.table is None:
        raise BallotError("table_empty")
    if at.text("card", at.wall.table.card) != at.wall.table.card:
        raise BallotError("table_changed", card=at.wall.table.card)
    return {}


def _move(at: At) -> dict[str, Any]:
    card = _card(at).id
    to = _destination(at, [card], "")
    came_from = at.wall.zone(card)
    if to["to"] == came_from:
        raise BallotError("already_there", card=card)
    return {"card": card, "from": came_from, **to}


def _destination(at: At, cards: Sequence[str], default: str) -> dict[str, str]:
    """Zone, and what this zone asks: how it was decided, why, who decides, why once more in the fridge."""
    zone = at.text("to") or default
    if zone not in ZONES:
        raise BallotError("choose_zone")
    how, reason, owner, override = (at.text(name) for name in ("how", "reason", "owner", "override"))
    if how not in (*WAYS_TO_DECIDE, "") or (zone in {SELECTION, BIN} and not how):
        raise BallotError("say_how")
    if zone == BIN and not reason:
        raise BallotError("bin_reason")
    if zone == VETO and not reason:
        raise BallotError("veto_reason")
    if zone == VETO and not owner:
        raise BallotError("veto_owner")
    been = [card for card in cards if at.wall.visits[card]] if zone == FRIDGE else []
    if been and not override:
        raise BallotError("fridge_again", card=been[0])
    return {
        "to": zone,
        "how": how,
        "reason": reason,
        "owner": owner if zone == VETO else "",
        "override": override if been else "",
    }


def _merge(at: At) -> dict[str, Any]:
    names = list(dict.fromkeys(name.strip() for name in at.form.get("card", ())))
    if len(names) < 2:
        raise BallotError("two_cards")
    parents = [_fresh(at, name, at.text(f"seen.{name}", "0")) for name in names]
    to = _destination(at, names, GROUPING)
    piece = new_card(at.wall.next_id, wordings(at.form, at.languages), parents, at.checked)
    return {"cards": names, "pieces": [piece], **to}


def _split(at: At) -> dict[str, Any]:
    parent = _card(at)
    texts = [wordings(at.form, at.languages, f".{number}") for number in piece_numbers(at.form)]
    texts = [words for words in texts if words]
    if len(texts) < 2:
        raise BallotError("two_pieces")
    first = number_of(at.wall.next_id)
    pieces = [new_card(numbered(first + n), words, [parent], at.checked) for n, words in enumerate(texts)]
    return {"card": parent.id, "pieces": pieces}


def _reword(at: At) -> dict[str, Any]:
    return reworded(_card(at), wordings(at.form, at.languages), at.checked)


def _check(at: At) -> dict[str, Any]:
    """Someone looked at the wordings that had not followed a change."""
    card = _card(at)
    if not card.unchecked:
        raise BallotError("nothing_to_check", card=card.id)
    return {"card": card.id, "unchecked": []}


def _undo(at: At) -> dict[str, Any]:
    """Take back the act that the form names, or else the last that stands."""
    text = at.text("undo")
    act = at.wall.undo if not text else next((a for a in at.wall.history if str(a.seq) == text), None)
    if act is None:
        raise BallotError("nothing_to_undo")
    if act.act in {"undo", "show"}:
        raise BallotError("undo_undo" if act.act == "undo" else "undo_show")
    if act.undone:
        raise BallotError("already_undone")
    for later in _standing_after(at.wall, act):
        if builds_on(later, act):
            raise BallotError("built_on", card=next(card for card in act.cards if card in later.cards))
    return {"undo": act.seq, "cards": list(act.cards)}


def _standing_after(wall: Wall, act: Act) -> Iterable[Act]:
    return (a for a in wall.history if a.seq > act.seq and not a.undone and a.act != "undo")


READ: dict[str, Callable[[At], dict[str, Any]]] = {
    "call": _call,
    "show": _show,
    "clear": _clear,
    "move": _move,
    "merge": _merge,
    "split": _split,
    "reword": _reword,
    "check": _check,
    "undo": _undo,
}
