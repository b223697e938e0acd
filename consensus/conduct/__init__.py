"""Every act that changes a session. Each is whole or absent, has one journal line, and is announced after the commit.

Nothing here decides what a ballot means (rounds) or draws a page (web). Nothing elsewhere writes, but seats (who is
signed in), journal and store.
"""

from consensus.conduct.acting import Refused
from consensus.conduct.ballots import Envelope, Receipt, cast
from consensus.conduct.consents import consent, write_consent
from consensus.conduct.findings import analyse, analyse_due, unanalysed
from consensus.conduct.people import Guest, add_seats, regroup, revoke, speak, withdraw
from consensus.conduct.reasons import show_reasons
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
    "Envelope",
    "Guest",
    "Receipt",
    "Refused",
    "add_seats",
    "add_staff",
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
    "look",
    "open_round",
    "plan_round",
    "regroup",
    "revoke",
    "show",
    "show_reasons",
    "speak",
    "tighten",
    "unanalysed",
    "untranslated",
    "withdraw",
    "write_consent",
]
