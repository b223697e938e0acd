"""Attacks on whole sessions, from outside: what anybody may fetch at every moment, and what follows from it."""
