"""Every act that changes a session. Each is whole or absent, has one journal line, and is announced after the commit.

Nothing here decides what a ballot means (rounds) or draws a page (web). Nothing elsewhere writes, but seats (who is
signed in), journal, numbers (of a study) and store.
"""

from consensus.conduct.acting import Refused
from consensus.conduct.ballots import EnteredFor, Submission, cast, weigh
from consensus.conduct.call_list import CALLED_AT_ONCE, ask_call_list
from consensus.conduct.calls import CALL_KINDS, NAMED, answer_call, call, reopen_call, take_back
from consensus.conduct.consents import consent, write_consent
from consensus.conduct.copies import Copy, copy_session
from consensus.conduct.double_entry import ask_answered, enter_again, look_of, settle
from consensus.conduct.findings import analyse, analyse_due, unanalysed
from consensus.conduct.freezing import freeze_due, set_freeze, tell_freezes
from consensus.conduct.grants import (
    accept_conditions,
    analysis_file_exists,
    file_exists,
    give_answers,
    may_fetch,
    researchers,
    sat_on_team,
    sign_answers,
)
from consensus.conduct.headline import choose_headline, may_choose_headline
from consensus.conduct.intake import Receipt
from consensus.conduct.laying import lay_study
from consensus.conduct.mails import (
    REMIND_DAYS,
    Due,
    addressed,
    is_today,
    last_reminder,
    lose_mails,
    plan_reminders,
    queue_invitations,
    queue_reminders,
    remind_due,
    requeue,
    requeue_all,
    settle_mails,
    take_mails,
    to_invite,
    to_remind,
    write_letters,
)
from consensus.conduct.numbering import number_older
from consensus.conduct.opening import Coming, before_of, blocks_now, coming, incoming, offered, open_round, untranslated
from consensus.conduct.passing import is_written_first, pass_on, take_out
from consensus.conduct.people import Guest, add_seats, regroup, revoke, speak, withdraw
from consensus.conduct.planning import LONGEST_NAME, move_round, name_round
from consensus.conduct.reasons import show_reasons
from consensus.conduct.rehearsals import (
    discard_old_rehearsals,
    discard_rehearsal,
    rehearsal_of,
    rehearse,
)
from consensus.conduct.room import SCREENS, close_door, join, open_door, show_screen
from consensus.conduct.rounds import (
    close_round,
    end_grace,
    finish_due,
    keep_open,
    reopen_round,
    reveal_figures,
    show,
    tighten,
)
from consensus.conduct.sessions import (
    add_round,
    add_staff,
    create_session,
    create_study,
    drop_round,
    import_statements,
    keep_apart,
    may_be_added,
    places_to_add,
    plan_round,
)
from consensus.conduct.study_tables import Unsound, keep_table, keep_tables_due
from consensus.conduct.timers import extend_timer, pause_timer, resume_timer, set_timer, stop_timer, tell_due

__all__ = [
    "CALLED_AT_ONCE",
    "Coming",
    "Copy",
    "Due",
    "Submission",
    "Unsound",
    "Guest",
    "NAMED",
    "REMIND_DAYS",
    "Receipt",
    "Refused",
    "SCREENS",
    "EnteredFor",
    "CALL_KINDS",
    "LONGEST_NAME",
    "add_round",
    "add_seats",
    "add_staff",
    "addressed",
    "analyse",
    "analyse_due",
    "analysis_file_exists",
    "answer_call",
    "ask_answered",
    "ask_call_list",
    "before_of",
    "blocks_now",
    "call",
    "cast",
    "choose_headline",
    "close_door",
    "close_round",
    "coming",
    "consent",
    "copy_session",
    "create_session",
    "create_study",
    "discard_old_rehearsals",
    "discard_rehearsal",
    "drop_round",
    "end_grace",
    "enter_again",
    "extend_timer",
    "finish_due",
    "import_statements",
    "incoming",
    "is_today",
    "is_written_first",
    "join",
    "keep_apart",
    "keep_open",
    "keep_table",
    "keep_tables_due",
    "last_reminder",
    "reveal_figures",
    "lay_study",
    "look_of",
    "lose_mails",
    "may_be_added",
    "move_round",
    "name_round",
    "may_choose_headline",
    "plan_reminders",
    "number_older",
    "offered",
    "open_door",
    "open_round",
    "pass_on",
    "pause_timer",
    "places_to_add",
    "plan_round",
    "queue_invitations",
    "queue_reminders",
    "remind_due",
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
    "take_out",
    "tell_due",
    "tighten",
    "to_invite",
    "to_remind",
    "unanalysed",
    "untranslated",
    "weigh",
    "withdraw",
    "write_consent",
    "write_letters",
    "accept_conditions",
    "file_exists",
    "give_answers",
    "may_fetch",
    "researchers",
    "sat_on_team",
    "sign_answers",
    "freeze_due",
    "set_freeze",
    "tell_freezes",
]
