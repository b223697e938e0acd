"""The method: kinds of round, consensus rules, disclosure, lineage. Pure, synchronous, usable without the application.

To add a kind: a folder here, a template in templates/rounds/, one line below (docs/add-a-round.md).
"""

from rounds import approval, comparison, compilation, gather, points, ranking, rating, validation, wall
from rounds.kind import Kind

# In the order in which they are offered to facilitators.
KINDS: dict[str, Kind] = {
    "gather": gather.KIND,
    "compilation": compilation.KIND,
    "rating": rating.KIND,
    "wall": wall.KIND,
    "ranking": ranking.KIND,
    "comparison": comparison.KIND,
    "points": points.KIND,
    "approval": approval.KIND,
    "validation": validation.KIND,
}
