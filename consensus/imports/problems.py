"""What cannot be read at all, and how a remark is made. Its sentence stands in the catalogues under "import."."""

from __future__ import annotations

from consensus.imports.lines import Problem, problem


class Unreadable(Exception):
    """Nothing of the file can be taken; its problem says on which line, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.key)
        self.problem = problem


def unreadable(line: int, key: str, value: str = "", **values: object) -> Unreadable:
    return Unreadable(problem(line, f"import.{key}", value, **values))


def remark(line: int, key: str, value: str = "", **values: object) -> Problem:
    return problem(line, f"import.{key}", value, **values)
