"""What somebody typed, after a refusal of any sort: nothing of it is lost, and no password is ever shown again.

Whatever page tells the refusal shows the words again: in their fields, or else above, to be copied or sent again.
"""

from __future__ import annotations

from markupsafe import escape
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from consensus.limits import Limits
from consensus.web.form import read_form
from rounds.contract import Form
from rounds.written import plain

# The fields of our forms in which people write, by the first part of their names.
WORDS = frozenset(
    {
        "about",
        "address",
        "arm",
        "body",
        "choices",
        "consent",
        "help_name",
        "help_phone",
        "known",
        "mail",
        "measure",
        "name",
        "news",
        "others",
        "override",
        "owner",
        "phone",
        "planned_on",
        "q",
        "question",
        "reason",
        "roster",
        "seed",
        "site",
        "sought",
        "subject",
        "text",
        "theme",
        "title",
        "why",
        "wording",
    }
)
SECRET = frozenset({"password", "code"})
BEFORE = Limits(10_000, 1_000_000)  # of a form whose sender is not known: enough for what a person types


def words_in(form: Form) -> dict[str, str]:
    """The texts, by field."""
    typed = ((name, plain(value)) for name, values in form.items() if _is_words(name) for value in values)
    return {name: value for name, value in typed if value}


def _is_words(name: str) -> bool:
    first, _, rest = name.partition(".")
    return first in WORDS or (first == "group" and "." in rest)


def unshown(form: Form, page: str) -> dict[str, str]:
    """The texts that a page does not show again."""
    page = page.replace("\r\n", "\n")
    return {name: text for name, text in words_in(form).items() if str(escape(text)) not in page}


def resent(form: Form) -> list[tuple[str, str]]:
    """Everything else of a form, so that it can be sent again as it was."""
    texts = words_in(form)
    return [
        (name, value) for name, values in form.items() if name not in SECRET and name not in texts for value in values
    ]


async def typed_in(request: Request) -> Form:
    """The form of a request that failed, perhaps before anybody read it. Empty where it cannot be read any more."""
    if request.method != "POST":
        return {}
    kept: Form | None = getattr(request.state, "typed", None)
    if kept is not None:
        return kept
    try:
        return (await read_form(request, BEFORE))[0]
    except (HTTPException, ClientDisconnect, RuntimeError):
        return {}
