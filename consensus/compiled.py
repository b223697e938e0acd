"""Compiled templates lie beside Python's own compiled files, so that a server starts a second sooner.

Only where Python may keep its own, in the folder that it chose: whoever can write there can change the program anyhow.
A template is taken from there if it is the same to the letter, and was compiled by the same program.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket

VERSIONS = f"{jinja2.__version__}.{sys.implementation.cache_tag}"


class Compiled(FileSystemBytecodeCache):
    """by: the file that says how templates are compiled."""

    def __init__(self, folder: Path, by: Path) -> None:
        super().__init__(str(folder), f"%s.{VERSIONS}.html")
        self._by = sha256(by.read_bytes()).hexdigest()

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(self._by + source)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # a disk may be full: then it is compiled again
            super().dump_bytecode(bucket)


class Held(BytecodeCache):
    """In memory: each is compiled once, whatever language it is then drawn in."""

    def __init__(self) -> None:
        self._code: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.code = self._code[bucket.key]

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.code


def kept(by: Path) -> BytecodeCache:
    """In files where those may be kept. by: the file that says how templates are compiled."""
    folder = Path(cache_from_source(str(by))).parent
    is_writable = folder.is_dir() and os.access(folder, os.W_OK)
    return Compiled(folder, by) if is_writable and not sys.dont_write_bytecode else Held()
