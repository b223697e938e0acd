"""Every act that changes a session. Each is whole or absent, has one journal line, and is announced after the commit.

Nothing here decides what a ballot means (rounds) or draws a page (web). Nothing elsewhere writes, but seats (who is
signed in), journal and store.
"""

from consensus.conduct.acting import Refused
from consensus.conduct.ballots import Envelope, Receipt, cast
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
from consensus.conduct.people import Guest, add_seats, consent, regroup, revoke, speak, withdraw
from consensus.conduct.rounds import (
    blocks_now,
    close_round,
    finish_due,
    incoming,
    look,
    open_round,
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

__all__ = [
    "Due",
    "Envelope",
    "Guest",
    "Receipt",
    "Refused",
    "add_seats",
    "add_staff",
    "addressed",
    "analyse",
    "analyse_due",
    "blocks_now",
    "cast",
    "close_round",
    "consent",
    "create_session",
    "create_study",
    "drop_round",
    "finish_due",
    "import_statements",
    "incoming",
    "is_today",
    "last_reminder",
    "look",
    "lose_mails",
    "open_round",
    "open_to_people",
    "plan_round",
    "queue_invitations",
    "queue_reminders",
    "regroup",
    "requeue",
    "requeue_all",
    "revoke",
    "settle_mails",
    "show",
    "speak",
    "take_mails",
    "tighten",
    "to_invite",
    "to_remind",
    "unanalysed",
    "untranslated",
    "withdraw",
    "write_letters",
]
