"""An address is judged as the mailer judges it, once for every place where one comes in; one mailbox has one form."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from consensus.addresses import BadAddress, alike, read, wire
from consensus.mail.letters import Letter
from consensus.mail.smtp import OutgoingMail, composed
from consensus.settings import Settings
from consensus.text import LANGUAGES, Texts

ONE_MAILBOX = [
    "ann@exämple.org",
    "Ann@EXÄMPLE.org",
    "ann@exa\u0308mple.org",
    "ann@xn--exmple-cua.org",
    "ANN@XN--EXMPLE-CUA.ORG",
    "ann@ex\u200bämple.org",
    "\ufeffann@exämple.org",
    "\u202aann@exämple.org\u202c",
    "\u00a0ann@exämple.org\u202f",
    "Ann Roy <ann@exämple.org>",
    "'Ann' < ann@exämple.org >",
    "<ann@exämple.org>",
    "'ann@exämple.org' <ann@exämple.org>",
]
REFUSED = {
    "mailto:ann@example.org": "address.mailto",
    "Mailto:ann@example.org": "address.mailto",
    "ann＠example.org": "address.full_width",
    "ann@example.org, bob@example.org": "address.several",
    "ann@example.org; bob@example.org": "address.several",
    "ann@example.org bob@example.org": "address.several",
    "ann@example.org/bob@example.org": "address.several",
    "Ann <ann@example.org>, Bob <bob@example.org>": "address.several",
    "ann@example.org <bob@example.org>": "address.several",
    "ann@example.org\r\nRCPT TO:<eve@example.org>": "address.several",
    "ann..x@example.org": "address.dots",
    "ann@example.org.": "address.dots",
    ".ann@example.org": "address.dots",
    "ann.@example.org": "address.dots",
    "ann@.example.org": "address.dots",
    "ann@example..org": "address.dots",
    "andré@example.org": "address.letters",
    "ａnn@example.org": "address.letters",
    "ann": "address.bad",
    "ann@": "address.bad",
    "@example.org": "address.bad",
    "ann@localhost": "address.bad",
    "ann@192.168.0.1": "address.bad",
    "ann@[192.168.0.1]": "address.bad",
    "ann roy@example.org": "address.bad",
    "ann@exa mple.org": "address.bad",
    "ann@-example.org": "address.bad",
    "ann@exa_mple.org": "address.bad",
    "ann@example.org\nBcc: bob": "address.bad",
    "ann\\@example.org": "address.bad",
    "ann(x)@example.org": "address.bad",
    "n" * 65 + "@example.org": "address.bad",
    "ann@" + "x" * 64 + ".org": "address.bad",
    "ann@xn--zzzzzzzzz.org": "address.bad",
    "ann@\U0001f4a9.org": "address.bad",
    "": "address.bad",
    "\u200b": "address.bad",
}
TAKEN = ["ann+table@example.org", "o'brien@example.org", "a/b@example.org", "a_b-c@exam-ple.example.org", "a@x.ca"]
TAKEN += ["ann@faß.de", "ann@demo.example"]


@pytest.mark.parametrize("written", ONE_MAILBOX)
def test_one_mailbox_has_one_form(written: str) -> None:
    assert read(written) == "ann@exämple.org"
    assert wire(read(written)) == "ann@xn--exmple-cua.org"


@pytest.mark.parametrize("written", REFUSED)
def test_what_no_mail_could_reach_is_refused_with_its_reason(written: str) -> None:
    with pytest.raises(BadAddress) as bad:
        read(written)
    assert bad.value.key == REFUSED[written]
    assert all(written in Texts.load().say(name, bad.value.key, value=written) for name in LANGUAGES)


@pytest.mark.parametrize("written", TAKEN)
def test_what_is_taken_can_be_written_to(written: str) -> None:
    settings = Settings(secret="s" * 32, smtp="smtp://h", mail_from="Équipe <table@exämple.org>")
    mail = composed(settings, OutgoingMail(read(written), "", "fr", Letter("Sujet", "Corps"), "n"))
    assert mail is not None and wire(read(written)).encode() in mail and mail.isascii()
    message = EmailMessage()
    message["To"] = Address(addr_spec=wire(read(written)))
    assert message["To"].addresses[0].addr_spec == wire(written)


def test_a_form_that_was_read_stays_as_it_is() -> None:
    for written in [*TAKEN, *ONE_MAILBOX]:
        assert read(read(written)) == read(written)


def test_an_address_of_an_earlier_version_is_still_found() -> None:
    assert alike("Ann@XN--exmple-cua.org") == "ann@exämple.org"
    assert alike(" Odd..One@Example.org ") == "odd..one@example.org"
