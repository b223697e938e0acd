"""The recount.py of /1: the frame, what the kinds shared, and the second count of each kind used, in one file.

Sources are joined as text: docstrings of the parts and imports of this house go, imports of the standard library
come first. Nothing is counted here. To the byte it is the program that every parcel of /1.1 carries.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from importlib import resources

HOUSE, PARTS = "consensus", "consensus.export.first.recounts"


def joined(kinds: Iterable[str]) -> bytes:
    """recount.py for these kinds."""
    names = sorted(set(kinds))
    sources = [_source(f"{name}.py") for name in ("frame", "shared", *names)]
    head = sources[0][: sources[0].index('"""', sources[0].index('"""') + 3) + 3]
    imports = sorted({line for source in sources for line in _imports(source)}, key=lambda line: (line[:4], line))
    bodies = [_body(source) for source in [*sources[1:], sources[0]]]
    called = "".join(f'    "{name}": {name},\n' for name in names)
    call = f'KINDS = {{\n{called}}}\n\nif __name__ == "__main__":\n    sys.exit(main(KINDS))\n'
    return (head + "\n\n" + "\n".join(imports) + "\n\n\n" + "\n\n\n".join(bodies) + "\n\n\n" + call).encode()


def _source(name: str) -> str:
    return resources.files(PARTS).joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _imports(source: str) -> Iterable[str]:
    for node in ast.parse(source).body:
        house = isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == HOUSE
        if _is_import(node) and not house:
            yield ast.unparse(node)


def _body(source: str) -> str:
    """The source without its docstring and its imports."""
    lines = source.split("\n")
    for place, node in enumerate(ast.parse(source).body):
        is_docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if _is_import(node) or is_docstring:
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    kept = [line for line in lines if not line.startswith("#!")]
    return "\n".join(kept).strip()
