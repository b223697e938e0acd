"""The command line in this process: exit code, standard output, standard error."""

from __future__ import annotations

import contextlib
import io
import sys
from unittest import mock

from consensus.__main__ import main


def call(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["consensus", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0), out.getvalue(), err.getvalue()
    raise AssertionError("a command ends with a code")
