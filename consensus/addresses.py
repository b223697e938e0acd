"""A mail address as people write it, judged once for every place where one comes in, and made comparable.

What the mailer could not send to is refused here, with its reason; nothing is sent and no server is asked. Two ways
of writing one mailbox (case, a host in its own letters or in punycode, signs that nobody sees) come out as one.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from rounds.blank import without_unseen

LONGEST = 254  # characters
_ANGLE = re.compile(r"([^<>\r\n]*)<([^<>\r\n]*)>")  # Ann Roy <ann@example.org>


class BadAddress(ValueError):
    """No mail could be sent there. key names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read(written: str) -> str:
    """The mailbox that was meant, in the one form in which it is kept and compared. BadAddress: the mailer refuses."""
    address = _inside(without_unseen(written).strip())
    try:
        return _validated(address).normalized.lower()
    except EmailNotValidError:
        raise BadAddress(_why(address)) from None


def alike(kept: str) -> str:
    """The same form of an address that was taken by an earlier version, which is left as it is where it is none."""
    try:
        return read(kept)
    except BadAddress:
        return kept.strip().lower()


def wire(address: str) -> str:
    """With its host as it travels. BadAddress where something could end the line or the address."""
    try:
        ascii_form = _validated(address).ascii_email
    except EmailNotValidError:
        raise BadAddress(_why(address)) from None
    assert ascii_form is not None  # no mailbox is taken whose name has other letters
    return ascii_form


def _inside(written: str) -> str:
    """The address of "Ann Roy <ann@example.org>". What stands before it is a name, or the same address again."""
    found = _ANGLE.fullmatch(written)
    if found is None:
        return written
    name, address = (part.strip(" \t\u00a0'\"") for part in found.groups())
    return address if "@" not in name or name == address else written


def _validated(address: str) -> ValidatedEmail:
    return validate_email(address, allow_smtputf8=False, check_deliverability=False, strict=True)


def _why(address: str) -> str:
    """The kind of slip, so that its sentence says what to do."""
    local, _, host = address.rpartition("@")
    if address.lower().startswith("mailto:"):
        return "address.mailto"
    if "＠" in address or "﹫" in address:
        return "address.full_width"
    if address.count("@") > 1 and re.search(r"[,;\s/<>]", address):
        return "address.several"
    if ".." in address or any(part.startswith(".") or part.endswith(".") for part in (local, host)):
        return "address.dots"
    if host and not local.isascii():
        return "address.letters"
    return "address.bad"
