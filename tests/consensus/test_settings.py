"""An installation that makes no sense does not start, and says which setting is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus.settings import Settings, SettingsError
from tests.conftest import SECRET

GOOD = {"CONSENSUS_SECRET": SECRET}


def test_nothing_but_the_environment_given_is_read(tmp_path: Path) -> None:
    settings = Settings.from_env({**GOOD, "CONSENSUS_DATABASE": str(tmp_path / "a.db")})
    assert settings.database == str(tmp_path / "a.db") and settings.secret == SECRET
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONSENSUS_SECRET", "short"),
        ("CONSENSUS_ORIGIN", "table.example.org"),
        ("CONSENSUS_ORIGIN", "ftp://table.example.org"),
        ("CONSENSUS_ORIGIN", "https://table.example.org/path"),
        ("CONSENSUS_ORIGIN", "https://"),
        ("CONSENSUS_ORIGIN", "http://table.example.org"),
        ("CONSENSUS_ORIGIN", "http://127.0.0.1.example.org"),
        ("CONSENSUS_PLAIN_HTTP", "perhaps"),
        ("CONSENSUS_STAFF_KEYS", "1"),
        ("CONSENSUS_ZONE", ""),
        ("CONSENSUS_ZONE", "Toronto"),
        ("CONSENSUS_ZONE", "../../etc/passwd"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({**GOOD, name: value})


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000", "https://table.example.org"]
)
def test_plain_http_is_accepted_on_this_machine_only(origin: str) -> None:
    assert Settings(secret=SECRET, origin=origin).origin == origin


def test_plain_http_elsewhere_asks_for_a_word() -> None:
    settings = Settings.from_env({**GOOD, "CONSENSUS_ORIGIN": "http://10.0.0.5/", "CONSENSUS_PLAIN_HTTP": "yes"})
    assert settings.origin == "http://10.0.0.5" and not settings.is_https


def test_the_cookie_is_bound_to_the_host_over_https() -> None:
    assert Settings(secret=SECRET, origin="https://table.example.org").cookie == "__Host-table-ronde"
    assert Settings(secret=SECRET).cookie == "table-ronde"


def test_a_secret_is_made_once_beside_the_file_and_read_by_its_owner_only(tmp_path: Path) -> None:
    env = {"CONSENSUS_DATABASE": str(tmp_path / "new" / "a.db")}
    first = Settings.from_env(env).secret
    assert len(first) == 64 and Settings.from_env(env).secret == first
    assert (tmp_path / "new" / "a.db.secret").stat().st_mode & 0o777 == 0o600


def test_a_server_needs_its_own_secret() -> None:
    with pytest.raises(SettingsError, match="CONSENSUS_SECRET"):
        Settings.from_env({"CONSENSUS_DATABASE": "postgres://localhost/a"})


FROM = {"CONSENSUS_MAIL_FROM": "Table ronde <table@example.org>"}


@pytest.mark.parametrize(
    "smtp",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://u:hush@h:port",
        "smtp://u:hush@[::1",
        "smtp://h:0",
    ],
)
def test_a_mail_server_that_makes_no_sense_is_named_without_its_password(smtp: str) -> None:
    with pytest.raises(SettingsError, match="CONSENSUS_SMTP") as refused:
        Settings.from_env({**GOOD, **FROM, "CONSENSUS_SMTP": smtp})
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "sender", ["table", "table@localhost", "a@b.ca, c@d.ca", "Équipe <tablé@example.org>", "a@b.ca\nBcc: c@d.ca"]
)
def test_mail_goes_out_in_the_name_of_one_address(sender: str) -> None:
    with pytest.raises(SettingsError, match="CONSENSUS_MAIL_FROM"):
        Settings.from_env({**GOOD, "CONSENSUS_SMTP": "smtp://h", "CONSENSUS_MAIL_FROM": sender})


def test_a_server_needs_a_sender_and_a_sender_a_server() -> None:
    with pytest.raises(SettingsError, match="CONSENSUS_MAIL_FROM"):
        Settings.from_env({**GOOD, "CONSENSUS_SMTP": "smtp://mail.example.org"})
    with pytest.raises(SettingsError, match="CONSENSUS_SMTP"):
        Settings.from_env({**GOOD, **FROM})


def test_a_house_sends_mail_only_where_it_is_told_how() -> None:
    assert not Settings(secret=SECRET).sends_mail
    settings = Settings.from_env({**GOOD, **FROM, "CONSENSUS_SMTP": "smtps://u:hush@mail.example.org:465"})
    assert settings.sends_mail and "hush" not in repr(settings)


def test_the_secret_is_never_printed() -> None:
    assert SECRET not in repr(Settings(secret=SECRET))


def test_settings_never_change() -> None:
    with pytest.raises(AttributeError):
        Settings(secret=SECRET).secret = "x"  # type: ignore[misc]
