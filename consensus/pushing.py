"""A page's connection that also takes a frame which was put together once for all who watch.

By the server's own way to send, each page's frame is made anew behind layers that others need: a third of what it costs
to send it. It is offered as an extension of ASGI, so another server may do without. Nothing here knows what is sent.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN

PUSH = "table-ronde.push"


def framed(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class Pushing(WebSocketsSansIOProtocol):
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions = self.scope["extensions"]
            assert extensions is not None, "the server's own are there"
            extensions[PUSH] = {"send": self._push}

    def _push(self, frame: bytes) -> bool:
        """Is it sent, without waiting? Not to a page that is behind with reading, or has gone."""
        if not self.writable.is_set() or self.close_sent or self.disconnected or self.conn.state is not OPEN:
            return False
        self.transport.write(frame)
        return True
