"""Every act that changes a session. Each is whole or absent, has one journal line, and is announced after the commit.

Nothing here decides what a ballot means (rounds) or draws a page (web). Nothing elsewhere writes, but seats (who is
signed in), journal and store.
"""

from consensus.conduct.acting import Refused
from consensus.conduct.ballots import Envelope, Receipt, Through, cast
from consensus.conduct.calls import NAMED, WHATS, answer_call, call, reopen_call, take_back
from consensus.conduct.consents import consent, write_consent
from consensus.conduct.entries import enter_again, look_of, settle
from consensus.conduct.findings import analyse, analyse_due, unanalysed
from consensus.conduct.mails import (
    Due,
    addressed,
    is_today,
    last_reminder,
    lose_mails,
    open_to_people,
    queue_invitations,
    queue_reminders,
    requeue,
    requeue_all,
    settle_mails,
    take_mails,
    to_invite,
    to_remind,
    write_letters,
)
from consensus.conduct.people import Guest, add_seats, regroup, revoke, speak, withdraw
from consensus.conduct.reasons import show_reasons
from consensus.conduct.rehearsals import (
    discard_old_rehearsals,
    discard_rehearsal,
    rehearsal_of,
    rehearse,
)
from consensus.conduct.room import SCREENS, close_door, join, open_door, show_screen
from consensus.conduct.rounds import (
    blocks_now,
    close_round,
    finish_due,
    incoming,
    keep_open,
    look,
    open_round,
    reopen_round,
    show,
    tighten,
    untranslated,
)
from consensus.conduct.sessions import (
    add_staff,
    create_session,
    create_study,
    drop_round,
    import_statements,
    plan_round,
)
from consensus.conduct.timers import extend_timer, pause_timer, resume_timer, set_timer, stop_timer, tell_due

__all__ = [
    "Due",
    "Envelope",
    "Guest",
    "NAMED",
    "Receipt",
    "Refused",
    "SCREENS",
    "Through",
    "WHATS",
    "add_seats",
    "add_staff",
    "addressed",
    "analyse",
    "analyse_due",
    "answer_call",
    "blocks_now",
    "call",
    "cast",
    "close_door",
    "close_round",
    "consent",
    "create_session",
    "create_study",
    "discard_old_rehearsals",
    "discard_rehearsal",
    "drop_round",
    "enter_again",
    "extend_timer",
    "finish_due",
    "import_statements",
    "incoming",
    "is_today",
    "join",
    "keep_open",
    "last_reminder",
    "look",
    "look_of",
    "lose_mails",
    "open_door",
    "open_round",
    "open_to_people",
    "pause_timer",
    "plan_round",
    "queue_invitations",
    "queue_reminders",
    "regroup",
    "rehearsal_of",
    "rehearse",
    "reopen_call",
    "reopen_round",
    "requeue",
    "requeue_all",
    "resume_timer",
    "revoke",
    "set_timer",
    "settle",
    "settle_mails",
    "show",
    "show_reasons",
    "show_screen",
    "speak",
    "stop_timer",
    "take_back",
    "take_mails",
    "tell_due",
    "tighten",
    "to_invite",
    "to_remind",
    "unanalysed",
    "untranslated",
    "withdraw",
    "write_consent",
    "write_letters",
]
