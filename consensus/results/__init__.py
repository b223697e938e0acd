"""What a session leaves, put together once for all who read it: the prioritised list, where everything else ended, how
it was made. Page, charts and parcels render it; none of them orders, ranks or ties anything.

Figures come in as they may be told: those released at the close of each round (reading.py), or of every ballot that
stands for a row-level parcel (consensus/export).
"""

from consensus.results.assembling import assemble as assemble
from consensus.results.cards import Card as Card
from consensus.results.cards import Results as Results
from consensus.results.histories import History as History
from consensus.results.plain import plain as plain
from consensus.results.reading import closed_round as closed_round
from consensus.results.reading import released as released
from consensus.results.stages import ClosedRound as ClosedRound
