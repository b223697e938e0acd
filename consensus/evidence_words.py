"""The words of evidence: the kinds of source and of contexts, as they are kept. Nothing is read or decided here."""

from __future__ import annotations

INTERVIEW, FOCUS_GROUP, OBSERVATION = "interview", "focus_group", "observation"
QUESTIONNAIRE, DOCUMENT, WRITTEN = "questionnaire", "document", "written"
KINDS = (INTERVIEW, FOCUS_GROUP, OBSERVATION, QUESTIONNAIRE, DOCUMENT, WRITTEN)
SILENT = frozenset({OBSERVATION, DOCUMENT})  # nobody is counted as having spoken in one, unless it is said
