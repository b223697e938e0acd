"""The gather round counted again, in plain Python: part of the recount.py that every parcel carries.

Standard library only, and no line shared with the round itself: this is the second count.
"""


def gather(round, ballots):
    """{}: proposals carry no figure."""
    return {}
