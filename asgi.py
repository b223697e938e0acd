"""What the server runs. Everything is made in consensus; nothing is decided here."""

from consensus.server import settle, speak
from consensus.settings import Settings
from consensus.web.app import make_app

speak()
app = make_app(Settings.from_env())
settle()
