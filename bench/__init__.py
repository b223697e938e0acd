"""How long things take: the numerical core beside other packages, the whole server beside its limits. No test."""
