"""In a process that the bench started: it ends with the bench, whatever happened to that."""

from __future__ import annotations

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Standard input is a pipe of the parent; its end is ours."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
