"""The documents say what is there: commands, settings, kinds, versions, links. How well they say it is for readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus import __version__, protocol, study_protocol
from consensus.__main__ import parser
from consensus.text import Texts
from rounds import KINDS
from rounds.measures.pooling import SCHEMES
from tests import study_screens

HERE = Path(__file__).parents[2]
README = (HERE / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*HERE.glob("*.md"), *HERE.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
LONGEST_README, LONGEST_CONTRIBUTING = 500, 400  # words
LONGEST = {"guide": 1100, "study": 1470, "compare": 1100}  # of the guides

SAID_IN_THE_GUIDE = (
    *("study.apart", "questions.title", "sites.title", "sites.known", "panel.title", "quota.title", "waves.title"),
    *("series.title", "protocols.save.do", "copy.title", "copy.next", "passing.title", "study.way.compare"),
    *("compare.alike", "moments.title", "pooled.stays", "study.parcel", "study.several", "days.title", "flows.title"),
    *("bringing.title", "inviting.title", "flows.pass.do", "twin.title", "alike.title", "alike.none"),
    *("compare.by.site", "compare.by.own_site", "pooled.of", "pooled.of.choose"),
)


def text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def words(name: str) -> int:
    return len(text(name).split())


def commands() -> list[str]:
    """The names of every command of the command line."""
    return next(list(action.choices) for action in parser()._actions if action.dest == "command" and action.choices)


def sources() -> Iterator[str]:
    for path in sorted((HERE / "consensus").rglob("*.py")):
        yield path.read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert words("README.md") < LONGEST_README


def test_the_readme_has_exactly_two_set_up_commands() -> None:
    lines = [line.strip() for line in README.splitlines() if "pip install" in line]
    assert lines == [
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e . && .venv/bin/consensus demo",
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[test]' && .venv/bin/pytest",
    ]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    found = re.search(r"grep -F \"(.*?)\" README\.md", text(".ci/run"))
    assert found
    assert sum(found[1] in line for line in README.splitlines()) == 1


def test_every_setting_is_described() -> None:
    settings = {name for source in sources() for name in re.findall(r"CONSENSUS_[A-Z_]+", source)}
    described = set(re.findall(r"^\| `(CONSENSUS_[A-Z_]+)`", text("docs/install.md"), re.MULTILINE))
    assert described == settings


@pytest.mark.parametrize("command", commands())
def test_every_command_is_shown(command: str) -> None:
    assert any(f"consensus {command}" in document.read_text(encoding="utf-8") for document in DOCUMENTS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_round_is_described(kind: str) -> None:
    assert f"**`{kind}`**" in text("docs/method.md")


def test_the_newest_change_is_this_version() -> None:
    found = re.search(r"^## (\d+\.\d+\.\d+)", text("CHANGELOG.md"), re.MULTILINE)
    assert found
    assert found[1] == __version__


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HERE)))
def test_what_a_document_links_to_is_there(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_picture_is_shown_somewhere_and_small() -> None:
    shown = {Path(link).name for document in DOCUMENTS for link in LINK.findall(document.read_text(encoding="utf-8"))}
    for picture in (HERE / "docs/images").iterdir():
        assert picture.name in shown
        assert picture.stat().st_size < 200_000


@pytest.mark.parametrize("name", LONGEST)
def test_a_guide_is_short_and_tells_the_same_in_both_languages(name: str) -> None:
    guides = [text(f"docs/{name}.{language}.md") for language in ("en", "fr")]
    assert all(len(guide.split()) < LONGEST[name] for guide in guides)
    for part in (r"^#+ ", r"^- ", r"^\d+\. ", r"^\| ", r"^!\[", r"^\*\*"):
        one, other = (len(re.findall(part, guide, re.MULTILINE)) for guide in guides)
        assert one == other, part


def of_a_study(language: str) -> str:
    """How to plan and run one, and how to read it."""
    return "\n".join(text(f"docs/{name}.{language}.md") for name in ("study", "compare"))


def test_the_guides_of_a_study_show_its_pages_as_the_script_draws_them() -> None:
    for language in ("en", "fr"):
        shown = re.findall(r"\(images/([\w-]+)\.png\)", of_a_study(language))
        assert sorted(shown) == sorted(f"{name}-{language}" for name in study_screens.NAMES)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_guides_of_a_study_name_what_its_pages_say(language: str) -> None:
    told, texts = of_a_study(language), Texts.load()
    for key in SAID_IN_THE_GUIDE:
        assert texts.say(language, key) in told, key
    for way in SCHEMES:
        assert f"| {texts.say(language, f'pooled.scheme.{way}')} |" in told
    for name in study_protocol.names():
        short = re.split(r"[:,]", texts.say(language, f"protocol.{name}"))[0]
        assert f"**{short.strip()}**" in told


def test_who_is_counted_is_told_alike_in_both_languages() -> None:
    told = [text(f"docs/counted.{language}.md") for language in ("en", "fr")]
    for part in (r"^#+ ", r"^- ", r"\*\*"):
        one, other = (len(re.findall(part, document, re.MULTILINE)) for document in told)
        assert one == other, part


def test_every_protocol_is_listed_in_both_languages() -> None:
    for language in ("en", "fr"):
        listed = re.findall(r"^\|[^|]*`(\w+)` \|", text(f"docs/protocols.{language}.md"), re.MULTILINE)
        assert sorted(listed) == sorted([*protocol.names(), *study_protocol.names()])


def test_french_documents_keep_colons_and_quotation_marks_with_their_words() -> None:
    for name in ("guide", "study", "compare", "help", "counted", "protocols"):
        plain = re.sub(r"`[^`]*`|^\s{4}.*$|\]\([^)]*\)", "", text(f"docs/{name}.fr.md"), flags=re.MULTILINE)
        assert not re.findall(r"\w+ :|« | »|\w+[ \u00a0][;!?]|\w'\w", plain)


def test_a_contributor_reads_little() -> None:
    assert words("CONTRIBUTING.md") < LONGEST_CONTRIBUTING
