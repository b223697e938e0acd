"""Where something failed, for a log: files, lines and sorts of exceptions. Never what an exception says: it may quote
what somebody wrote, or a line of a table.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path


def trace(failure: BaseException) -> str:
    """The newest last, after those that it came of."""
    return "\n".join(_lines(failure, set()))


def _lines(failure: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(failure))
    behind = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
    if behind is not None and id(behind) not in seen:
        yield from _lines(behind, seen)
        yield "then"
    for one in failure.exceptions if isinstance(failure, BaseExceptionGroup) else ():
        yield from _lines(one, seen)
        yield "in a group"
    for frame, line in traceback.walk_tb(failure.__traceback__):
        code = frame.f_code
        yield f"  {'/'.join(Path(code.co_filename).parts[-3:])}:{line} in {code.co_name}"
    yield type(failure).__name__


class Discreet(logging.Filter):
    """Of the lines of others' programs: none below INFO, where they quote what they were given, and none with what an
    exception says; of the event loop's own the first line only, since the next ones quote the exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO:
            return False
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            record.exc_text = trace(record.exc_info[1])
        record.exc_info = None
        if record.name == "asyncio":
            record.msg, record.args = record.getMessage().partition("\n")[0], ()
        return True
