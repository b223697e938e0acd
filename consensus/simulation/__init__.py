"""People who are not there: a panel, how each of them answers, whole sessions played to their end."""
