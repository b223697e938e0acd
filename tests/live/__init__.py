"""Promises, one a test."""
