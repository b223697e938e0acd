"""Whole protocols, studies and loads in their short form, for CI: half of all testing time. `pytest` alone leaves them
out; `pytest tests/plays` plays them, `.ci/run` both."""
