"""A study as its sessions told it: read, compared, pooled, two moments beside each other. Plain data for page, files
and recount; no live count, no rehearsal.
"""

from consensus.results.study.comparing import Comparison as Comparison
from consensus.results.study.comparing import compared as compared
from consensus.results.study.data import StudyResults as StudyResults
from consensus.results.study.data import as_data as as_data
from consensus.results.study.pooled import Pooled as Pooled
from consensus.results.study.pooled import pooled as pooled
from consensus.results.study.reading import study_results as study_results
