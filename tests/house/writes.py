"""Every place of a module that could write to the database, read off its syntax tree.

A call that writes must be awaited, so that its name is enough whatever stands before it: but for update(), which dicts,
sets and headers have too. Theirs gives nothing and stands alone as a statement, where a query that nobody awaits would
do nothing: any other use of the name is a write.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITES = {
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update_or_create",
}
RAW = {"raw", "RawSQL"}
DRIVERS = {"aiosqlite", "asyncpg", "psycopg", "sqlite3"}
SQL = re.compile(
    r"\b(insert\s+(or\s+\w+\s+)?into|replace\s+into|delete\s+from|truncate\s+table|(drop|alter|create)\s+table)\s+\S"
    r"|\bupdate\s+(only\s+)?\S+(\s+as\s+\S+)?\s+set\s+\S",
    re.IGNORECASE,
)


def _is_alone(tree: ast.AST) -> set[int]:
    """The functions of calls that are a statement of their own, by identity."""
    statements = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(value.func) for value in statements if isinstance(value, ast.Call)}


def _modules(tree: ast.AST) -> set[str]:
    """Names of modules of ours, which are read themselves, and that nothing else is given here."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    named = ((node.module or "", alias) for node in imports for alias in node.names)
    ours = {
        alias.asname or alias.name
        for module, alias in named
        if ROOT.joinpath(*module.split("."), f"{alias.name}.py").is_file()
    }
    given = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return ours - {node.id for node in given} - {"models"}


def writes(tree: ast.AST) -> Iterator[str]:
    """Calls of the ORM that write, also where they are only named."""
    alone, modules = _is_alone(tree), _modules(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in modules:
                continue
            if node.attr in WRITES or (node.attr == "update" and id(node) not in alone):
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            names = {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
            if names & (WRITES | {"update"}):
                yield f"{node.lineno}: {ast.unparse(node)}"


def raw(tree: ast.AST) -> Iterator[str]:
    """SQL by hand, and the ways to send it."""
    told = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (node.attr.startswith("execute") or node.attr in RAW):
            yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in told and SQL.search(_text(node)):
            yield f"{node.lineno}: {_text(node)[:60]}"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            if {name.split(".")[0] for name in named} & DRIVERS:
                yield f"{node.lineno}: {ast.unparse(node)}"


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """A string, with something in the place of each value that it is given."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
    return node.value if isinstance(node.value, str) else ""


def _has_docstring(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None
