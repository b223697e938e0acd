"""Promises, one a test. What Python compiles it may keep: a hundred programs that the tests start would do it again."""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
