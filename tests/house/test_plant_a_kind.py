"""A new kind of round is a folder, a template and a line: planted in a copy of the tree, it plays to the export."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HANDS = Path(__file__).parent / "hands"


def planted(folder: Path) -> Path:
    """A copy of the tree with the new kind in it: three changes, no others."""
    tree = folder / "tree"
    for name in ("consensus", "rounds", "templates", "static", "docs", "tests"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    not_part = shutil.ignore_patterns("*.html", "scene.py", "__pycache__")
    shutil.copytree(HANDS, tree / "rounds" / "hands", ignore=not_part)
    shutil.copy(HANDS / "hands.html", tree / "templates" / "rounds" / "hands.html")
    registry = tree / "rounds" / "__init__.py"
    text = registry.read_text(encoding="utf-8").replace("from rounds import ", "from rounds import hands, ", 1)
    registry.write_text(text.replace("] = {\n", '] = {\n    "hands": hands.KIND,\n', 1), encoding="utf-8")
    return tree


def test_a_planted_kind_plays_from_form_to_export(tmp_path: Path) -> None:
    tree = planted(tmp_path)
    scene = subprocess.run(
        [sys.executable, str(HANDS / "scene.py"), str(tmp_path)],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert scene.returncode == 0, scene.stderr[-3000:]
    assert "played refused.frozen" in scene.stdout
