"""Promises at their full length: whole protocols, many seeds, many people. Each has a short form that CI runs."""
