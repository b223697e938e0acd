"""Sites and arms as a list writes them: which of the study's is meant, by any of the names that it may be given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from consensus.imports.names import spaced

LONGEST = 200  # characters of one name
SEVERAL = re.compile(r"[;|\n]")  # between the sites of one row


@dataclass(frozen=True, slots=True)
class Places:
    """named: (name as it may be written, key); one key may have several names, and two keys one name."""

    named: Sequence[tuple[str, str]] = ()

    def meant(self, written: str) -> tuple[str, ...] | str:
        """The keys that are meant, none, one or several; or the name that is none, or that several have."""
        keys: list[str] = []
        for part in self._parts(written):
            if len(found := self._keys(part)) != 1:
                return part
            keys += found
        return tuple(dict.fromkeys(keys))

    def key(self, written: str) -> str:
        """The one key that is meant, or ""."""
        found = self._keys(written)
        return found.pop() if len(found) == 1 else ""

    def trouble(self, written: str) -> str:
        """The key of the sentence that says what is the matter with a name that meant() gave back."""
        return "roster.site_several" if len(self._keys(written)) > 1 else "roster.bad_site"

    def _parts(self, written: str) -> list[str]:
        """A comma may be a part of a name."""
        parts = [part.strip() for part in SEVERAL.split(written)]
        cut = ([part] if self._keys(part) else part.split(",") for part in parts)
        return [part.strip() for some in cut for part in some if part.strip()]

    def _keys(self, written: str) -> set[str]:
        meant = spaced(written) if len(written) <= LONGEST else frozenset()
        return {key for name, key in self.named if spaced(name) & meant}


NOWHERE = Places()
