"""How long the whole server takes: votes, watchers, pages, counts. Run by hand; no product code, no time asserted."""
