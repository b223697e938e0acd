"""The list is put together in one place: nothing else orders statements, ranks them, or finds their ties and ends.

Off the syntax tree, so that no spelling hides it. What checks a parcel (checks.py; its second counts; first,
for parcels of before) shares no code on purpose; the command `rank` ranks files of ballots, no session's list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tests.house.test_laws import ROOT, TEMPLATES, WRITTEN, short

ASSEMBLER = ROOT / "consensus" / "results"
EXPORT = ROOT / "consensus" / "export"
COUNTS = (EXPORT / "frame.py", EXPORT / "study" / "recount.py")
OTHERS = (*COUNTS, EXPORT / "checks.py", EXPORT / "first", ROOT / "consensus" / "command")
# What makes a list: the method's own listing, and the parts of the assembler. The rest of these modules is for all.
MAKES = {
    "rounds.listing": {"tally_of", "ranks", "mean_of", "sure", "side_by_side", "spans_of"},
    "rounds.lineage": {"endings", "Ending"},
    "consensus.results.stages": {"last", "merit", "rank_of", "rankings", "tied", "last_places", "change_of"},
    "consensus.results.histories": {"histories", "natural"},
    "consensus.results.assembling": {"assemble"},
}
PLACES, ORDERS = {"rank", "rank_balanced"}, {"selectattr", "rejectattr", "sort", "groupby"}
DRAWS = ROOT / "templates" / "parts" / "bars.html"  # lays out the ranks that it is given, round by round


def lists(tree: ast.AST) -> Iterator[str]:
    """What of a module puts a list together: an import of what does, a rank that is read off figures."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (one.name for one in node.names if one.name in MAKES.get(node.module or "", ()))
            within = f"{node.module}.{{}}"
            yield from (one.name for one in node.names if within.format(one.name) in MAKES)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in MAKES)
        elif isinstance(node, ast.Attribute) and node.attr == "merits":
            yield node.attr
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in PLACES:
            yield f"[{node.slice.value!r}]"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            yield from (f".get({a.value!r})" for a in node.args if isinstance(a, ast.Constant) and a.value in PLACES)


def ordered(source: str) -> Iterator[str]:
    """What of a template orders or compares by rank."""
    for one in Environment(extensions=[]).parse(source).find_all(nodes.Filter):
        for part in one.find_all(nodes.Const):
            if one.name in ORDERS and "rank" in str(part.value).split("."):
                yield f"{one.name}({part.value})"


@pytest.mark.parametrize("path", [p for p in WRITTEN if p.is_relative_to(ROOT / "consensus")], ids=short)
def test_only_the_assembler_puts_a_list_together(path: Path) -> None:
    if path.is_relative_to(ASSEMBLER) or any(path.is_relative_to(other) for other in OTHERS):
        return
    found = set(lists(ast.parse(path.read_text(encoding="utf-8"))))
    # The parcel hands its own rounds to the assembler; nothing else of it may.
    assert found - ({"assemble"} if path.name == "results.py" else set()) == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_no_template_orders_by_rank_or_finds_ties(path: Path) -> None:
    assert path == DRAWS or not list(ordered(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "line",
    [
        "from rounds.listing import ranks",
        "from rounds import listing",
        "import rounds.lineage",
        "from rounds.lineage import taken, endings as where",
        "from consensus.results.stages import merit",
        "order = sorted(lines, key=lambda line: line.values['rank'])",
        "place = line.values.get('rank_balanced')",
        "places = stage.merits",
    ],
)
def test_every_form_of_it_is_found(line: str) -> None:
    assert list(lists(ast.parse(line)))


@pytest.mark.parametrize("line", ["from rounds.listing import decimals", "told = card.rank", "places = card.path"])
def test_what_only_tells_the_list_is_left_alone(line: str) -> None:
    assert not list(lists(ast.parse(line)))


def test_a_template_that_orders_is_found() -> None:
    assert list(ordered('{{ tally.lines|selectattr("values.rank", "equalto", 1)|list|length }}'))
    assert list(ordered('{% for line in lines|sort(attribute="rank") %}{% endfor %}'))
    assert not list(ordered('{{ cards|sort(attribute="sort") }}'))
