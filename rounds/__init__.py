"""The method: kinds of round, consensus rules, disclosure, lineage. Pure, synchronous, usable without the application.

To add a kind: a folder here, a template in templates/rounds/, one line below (docs/add-a-round.md).
"""

from rounds import comparison, compilation, gather, points, ranking, rating, validation, wall
from rounds.contract import Kind

# In the order in which they are offered to facilitators.
KINDS: dict[str, Kind] = {
    "gather": gather,
    "compilation": compilation,
    "rating": rating,
    "wall": wall,
    "ranking": ranking,
    "comparison": comparison,
    "points": points,
    "validation": validation,
}
