"""What somebody typed: reads the form of a request, up to a limit, into plain text, and answers what is asked of it.

Nothing here knows what a field means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from consensus.limits import Limits
from rounds.contract import number_in, one

LONGEST_KEY = 64  # characters of the key that a page gives a form

PLAIN = "application/x-www-form-urlencoded"
LONGEST = 1_000_000  # of one field


class Typed(dict[str, Sequence[str]]):
    """A submitted form: every field with all its values, as a kind of round reads it too (rounds.contract.Form).

    Called with a name: the field's first value as it was typed, to be shown again.
    """

    def __call__(self, name: str, default: str = "") -> str:
        values = self.get(name)
        return values[0] if values else default

    def one(self, name: str, default: str = "") -> str:
        """The single value of a field, without surrounding space; default where it is absent."""
        return one(self, name, default)

    def many(self, name: str) -> Sequence[str]:
        return self.get(name, ())

    def number(self, name: str, digits: int = 9) -> int | None:
        """A whole number, 0 or more, of so many digits at most; None for anything else."""
        return number_in(self.one(name), digits)

    @property
    def key(self) -> str:
        """The same key twice is one form that was sent twice."""
        return self.one("key")[:LONGEST_KEY]

    def has(self, name: str, value: str) -> bool:
        return value in self.many(name)

    def wordings(self, languages: Sequence[str]) -> dict[str, str]:
        """Of a statement, in each language in which there are words."""
        found = {language: self._wording(language) for language in languages}
        return {language: words for language, words in found.items() if words}

    def changes(self, before: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
        """The wordings that are not as they were, those that were emptied among them."""
        found = {language: self._wording(language) for language in languages}
        return {language: words for language, words in found.items() if words != before.get(language, "")}

    def _wording(self, language: str) -> str:
        return self(f"wording.{language}").strip().replace("\r\n", "\n")

    def lists(self, prefix: str) -> dict[str, list[str]]:
        """All values of each field whose name begins so, by the rest of the name."""
        found = {name: list(values) for name, values in self.items() if name.startswith(prefix) and any(values)}
        return {name.removeprefix(prefix): values for name, values in found.items()}


async def read_form(request: Request, limits: Limits) -> tuple[Typed, Mapping[str, UploadFile]]:
    """What was typed, and the files. HTTPException where it is larger, or in a charset that no browser sends.

    What was typed stays with the request, for whoever has to tell that it failed.
    """
    bounded = _bounded(request, limits.size)
    request.state.typed = Typed()  # from here on it is read, and can be read only once
    files: Mapping[str, UploadFile] = {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == PLAIN:
        pairs = _pairs(await bounded.body(), limits.fields)
    else:
        try:
            form: FormData = await bounded.form(max_files=1, max_fields=limits.fields, max_part_size=LONGEST)
        except UnicodeError:
            raise HTTPException(400) from None
        pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        files = {name: value for name, value in form.items() if isinstance(value, UploadFile)}
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        said.setdefault(text(name), []).append(text(value))
    typed = Typed(said)
    request.state.typed = typed
    return typed, files


def _pairs(body: bytes, most: int) -> list[tuple[str, str]]:
    """The fields of an ordinary form: all of it is there, so nothing need be read piece by piece."""
    try:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise HTTPException(400) from None
    if any(len(value) > LONGEST for _, value in pairs):
        raise HTTPException(400)
    return pairs


def _bounded(request: Request, most: int) -> Request:
    """The same request, whose body is received up to so many bytes. The server sees to it that a length that was told
    is kept."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and "transfer-encoding" not in request.headers:
        if int(told) > most:
            raise HTTPException(413)
        return request
    left = most

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return Request(request.scope, receive)


def text(said: str) -> str:
    """Without what no keyboard types and no database keeps: NUL, halves of a character."""
    if said.isascii() and "\0" not in said:
        return said
    return said.replace("\0", "").encode("utf-8", "replace").decode()
