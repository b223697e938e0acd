"""What a session leaves, put together for reading: the prioritised list, where everything else ended, how it was made.

Only what the rounds left at their close and anyone may see (Round.outcome["released"], Round.findings) comes in.
"""

from consensus.results.assembling import assemble as assemble
