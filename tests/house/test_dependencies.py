"""What we lean on is bounded, and committed to the version: a release elsewhere changes nothing here by itself.

The versions are renewed by `.ci/renew`; whether newer ones still say and count the same is tried by `.ci/newest`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parents[2]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
LINES = (HERE / "constraints.txt").read_text(encoding="utf-8").splitlines()
OURS = canonicalize_name(PROJECT["project"]["name"])
RENEW = "run .ci/renew --no-upgrade"


def declared() -> list[Requirement]:
    """What pyproject.toml asks for, to build, to run and to test."""
    lines = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        lines += extra
    return [wanted for wanted in map(Requirement, lines) if canonicalize_name(wanted.name) != OURS]


def committed() -> list[Requirement]:
    """One line of constraints.txt each."""
    return [Requirement(line.partition("#")[0]) for line in LINES if line.partition("#")[0].strip()]


def here(wanted: Requirement, extras: frozenset[str]) -> bool:
    """Does this line hold for this Python and machine, with one of these extras?"""
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras or {""})


def needed() -> Iterator[str]:
    """Every package that our requirements lead to on this machine. What a newer version than ours asks is not known."""
    ours = {canonicalize_name(line.name): line.specifier for line in committed() if here(line, frozenset())}
    built = {canonicalize_name(Requirement(line).name) for line in PROJECT["build-system"]["requires"]}
    waiting = [wanted for wanted in declared() if canonicalize_name(wanted.name) not in built]
    known: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in known:
            continue
        known.add((name, extras))
        yield name
        try:
            found = distribution(name)
        except PackageNotFoundError:  # not of this machine, or asked for since it was installed
            continue
        if name in ours and found.version in ours[name]:
            waiting += [further for further in map(Requirement, found.requires or []) if here(further, extras)]


@pytest.mark.parametrize("wanted", declared(), ids=str)
def test_a_dependency_has_a_bound_below_and_above(wanted: Requirement) -> None:
    signs = {bound.operator for bound in wanted.specifier}
    assert signs & {">=", ">", "=="} and signs & {"<", "<=", "=="}


def test_a_committed_version_is_exact_and_the_only_one_for_this_python() -> None:
    assert all([bound.operator for bound in line.specifier] == ["=="] for line in committed())
    names = [canonicalize_name(line.name) for line in committed() if here(line, frozenset())]
    assert len(names) == len(set(names))


def test_everything_that_is_installed_for_us_has_a_committed_version() -> None:
    names = {canonicalize_name(line.name) for line in committed()}
    assert sorted(set(needed()) - names) == [], RENEW


def test_a_committed_version_lies_in_its_range() -> None:
    ranges = {canonicalize_name(wanted.name): wanted.specifier for wanted in declared()}
    outside = []
    for line in committed():
        version = next(iter(line.specifier)).version
        if not ranges.get(canonicalize_name(line.name), line.specifier).contains(version, prereleases=True):
            outside.append(f"{line.name} {version}")
    assert outside == [], RENEW
