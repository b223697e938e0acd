"""May they? One table: what may be asked, by whom. Deny by default; a route without a row fails the build.

The table knows roles only. Whose seat, which session and which moment is checked where the act is: a seat reaches
its own session, an act names the states in which it is possible.
"""

from __future__ import annotations

from rounds.contract import Role

ADM, FAC, COF = Role.ADMINISTRATOR, Role.FACILITATOR, Role.COFACILITATOR
PAR, OBS, RES = Role.PARTICIPANT, Role.OBSERVER, Role.RESEARCHER
ANO = None  # a stranger: no cookie, or one that is no longer good
STAFF = "staff"  # signed in with a password, whatever the seat

Who = Role | str | None

EVERYONE: frozenset[Who] = frozenset({ADM, FAC, COF, PAR, OBS, RES, ANO, STAFF})
TEAM: frozenset[Who] = frozenset({FAC, COF})
LISTED: frozenset[Who] = frozenset({FAC, COF, OBS, RES})  # whoever sits in the session without answering

ACCESS: dict[str, frozenset[Who]] = {
    # the way in; opening a link changes nothing
    "landing": EVERYONE,
    "enter_code": EVERYONE,
    "invitation": EVERYONE,
    "accept": EVERYONE,
    "room": EVERYONE,
    "join": EVERYONE,
    "staff_door": EVERYONE,
    "staff_key": EVERYONE,
    "turn_key": EVERYONE,
    "sign_in_page": EVERYONE,
    "sign_in": EVERYONE,
    "sign_out": EVERYONE,
    "static": EVERYONE,
    "manual": EVERYONE,
    "pictures": EVERYONE,
    # studies; who may add a session to one is asked there
    "studies": frozenset({STAFF}),
    "new_study": frozenset({STAFF}),
    "create_study": frozenset({STAFF}),
    "study": frozenset({STAFF}),
    "edit_study": frozenset({STAFF}),
    "change_study": frozenset({STAFF}),
    "sites": frozenset({STAFF}),
    "keep_sites": frozenset({STAFF}),
    "new_session": frozenset({STAFF}),
    "create_session": frozenset({STAFF}),
    "days": frozenset({STAFF}),
    "plan_days": frozenset({STAFF}),
    "inviting": frozenset({STAFF}),
    "invite": frozenset({STAFF}),
    "bringing": frozenset({STAFF}),
    "bring_list": frozenset({STAFF}),
    "flows": frozenset({STAFF}),
    "plan_flows": frozenset({STAFF}),
    "consent_text": frozenset({STAFF}),
    "write_consent": frozenset({STAFF}),
    "apart": frozenset({STAFF}),
    "keep_apart": frozenset({STAFF}),
    "protocols": frozenset({STAFF}),
    "change_protocol": frozenset({STAFF}),
    # what its sessions told; whether they sit in one of them is asked there
    "compare": TEAM | {RES, STAFF},
    "compare_file": TEAM | {RES, STAFF},
    "study_matrix": TEAM | {RES, STAFF},
    "study_matrix_file": TEAM | {RES, STAFF},
    "moments": TEAM | {RES, STAFF},
    "pooled": TEAM | {RES, STAFF},
    "choose_headline": frozenset({STAFF}),
    "pooled_file": TEAM | {RES, STAFF},
    "plan_of_action": TEAM | {RES, STAFF},
    "plan_file": TEAM | {RES, STAFF},
    "plan_data": TEAM | {RES, STAFF},
    "change_plan": frozenset({STAFF}),  # whoever leads it or facilitates in it: asked there, likewise
    "plan_line": frozenset({STAFF}),
    "write_plan_line": frozenset({STAFF}),
    "study_parcel": TEAM | {RES, STAFF},
    # where its statements come from; quotations are read by whoever leads or facilitates it
    "evidence": frozenset({STAFF}),
    "judge_quotations": frozenset({STAFF}),
    "evidence_template": frozenset({STAFF}),
    "new_evidence": frozenset({STAFF}),
    "bring_evidence": frozenset({STAFF}),
    "where_from": LISTED | {PAR},
    # studies of other houses
    "brought": frozenset({STAFF}),
    "let_go_of_study": frozenset({STAFF}),
    "brought_compare": frozenset({STAFF}),
    "brought_compare_file": frozenset({STAFF}),
    "brought_moments": frozenset({STAFF}),
    "brought_pooled": frozenset({STAFF}),
    "brought_pooled_file": frozenset({STAFF}),
    "brought_parcel": frozenset({STAFF}),
    "freeze": frozenset({STAFF}),
    "set_freeze": frozenset({STAFF}),
    "questions": frozenset({STAFF}),
    "write_questions": frozenset({STAFF}),
    # its lead, those who facilitate it, administrators: asked there
    "keeping": frozenset({STAFF}),
    "hand_over": frozenset({STAFF}),
    "put_away": frozenset({STAFF}),
    "erase_study": frozenset({STAFF}),
    "erased": frozenset({STAFF}),
    "certificate": frozenset({STAFF}),
    "signatures": frozenset({STAFF}),
    "sign_answers": frozenset({STAFF}),
    "panel": frozenset({STAFF}),
    "use_panel": frozenset({STAFF}),
    "new_members": frozenset({STAFF}),
    "add_members": frozenset({STAFF}),
    "member": frozenset({STAFF}),
    "change_member": frozenset({STAFF}),
    "waves": frozenset({STAFF}),
    "draw_wave": frozenset({STAFF}),
    "quotas": frozenset({STAFF}),
    "set_quotas": frozenset({STAFF}),
    # setting a session up
    "setup": frozenset({FAC}),
    "about": frozenset({FAC}),
    "change_session": frozenset({FAC}),
    "drop_round": frozenset({FAC}),
    "add_round": frozenset({FAC}),
    "save_protocol": frozenset({FAC}),
    "decide_series": frozenset({FAC}),
    "edit_round": frozenset({FAC}),
    "plan_round": frozenset({FAC}),
    "count_as": frozenset({FAC}),
    "move_round": frozenset({FAC}),
    "statements": frozenset({FAC}),
    "bring_statements": frozenset({FAC}),
    "statement_copy": frozenset({FAC}),
    "passing": frozenset({FAC}),
    "pass_on": frozenset({FAC}),
    "take_out": frozenset({FAC}),
    "take_number": frozenset({FAC}),
    "roster": frozenset({FAC}),
    "seat_people": frozenset({FAC}),
    "copying": frozenset({FAC}),
    "copy_session": frozenset({FAC}),
    "rehearse": TEAM,
    "invitations": frozenset({FAC}),
    "mails": frozenset({FAC}),
    # answering, on one's own seat
    "home": frozenset({PAR}),
    "take": frozenset({PAR}),
    "cast": frozenset({PAR}),
    "call": frozenset({PAR}),
    "agree": frozenset({PAR}),
    "agreed": frozenset({PAR}),
    "change_agreed": frozenset({PAR}),
    "ideas": frozenset({PAR}),
    "profile": frozenset({PAR}),
    "say_profile": frozenset({PAR}),
    "practice": frozenset({PAR}),
    "withdrawal": frozenset({PAR}),
    "withdraw": frozenset({PAR}),
    # the device on which they answer
    "worker": EVERYONE,
    "own_device": frozenset({PAR}),
    "read_notices": frozenset({PAR}),
    "kept": frozenset({PAR}),
    "pause": frozenset({PAR}),
    "finish": frozenset({PAR}),
    "thanks": frozenset({PAR}),
    # running a session
    "console": TEAM,
    "cast_desk": TEAM,
    "run_round": TEAM,
    "run_room": TEAM,
    "answer_call": TEAM,
    "seats": TEAM,
    "find_seat": TEAM,
    "change_seat": frozenset({FAC}),
    "whereabouts": frozenset({FAC}),
    "relocate": frozenset({FAC}),
    "call_list": frozenset({FAC}),
    "ask_call_list": frozenset({FAC}),
    # a rehearsal, and its simulated people
    "rehearsal": TEAM,
    "play": TEAM,
    "see_as": TEAM,
    # answers that come by telephone or on paper
    "enter_for": TEAM,
    "begin_for": TEAM,
    "answers_for": TEAM,
    "cast_for": TEAM,
    "ask_answered": TEAM,
    "settle_for": TEAM,
    "entries": TEAM,
    "reasons": frozenset({FAC}),
    "choose_reasons": frozenset({FAC}),
    "projector": TEAM | {OBS},
    # what is live: a page, or the same by asking
    "live": TEAM | {PAR, OBS},
    "frame": TEAM | {PAR, OBS},
    "watch_console": TEAM,
    "watch_room": frozenset({PAR}),
    "watch_projector": TEAM | {OBS},
    # what a session leaves
    "results": LISTED | {PAR},
    "sent_plan": LISTED | {PAR},
    "chart": LISTED | {PAR},
    "sensitivity": LISTED | {PAR},
    "sensitivity_file": LISTED | {PAR},
    "matrix": LISTED | {PAR},
    "matrix_file": LISTED | {PAR},
    "voice": TEAM | {RES},
    "voice_file": TEAM | {RES},
    "opinions": LISTED | {PAR},
    "journal": LISTED,
    "row_level": TEAM | {RES},  # to whom they were given; of a rehearsal, the team too
    "analysis": TEAM | {RES},  # likewise
    "individual": TEAM | {RES},
    "give_answers": frozenset({FAC}),
    "accept_conditions": TEAM | {RES},
    "released": LISTED | {PAR},
}


def may(what: str, who: frozenset[Who]) -> bool:
    """who: everything the asker is here (STAFF, and the role of their seat); empty stands for a stranger."""
    allowed = ACCESS.get(what, frozenset())
    return bool(allowed & (who or {ANO}))
