"""What the server runs. Everything is made in consensus; nothing is decided here."""

from consensus.settings import Settings
from consensus.web import make_app

app = make_app(Settings.from_env())
