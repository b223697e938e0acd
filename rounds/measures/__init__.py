"""The numerical core: measures of agreement, change, difference, order and uncertainty. Pure numpy and scipy.

A module per family; every public function gives a Result, or plain arrays from which Results are made. No ballot,
kind of round, sentence (phrases.py names them by key), file or clock belongs here, and no unseeded chance.
Conventions, for all of it:

ratings    int array (people, statements): 1..top, 0 = no answer. "I don't know" is 0 here; it is counted elsewhere.
counts     int array (..., top): how many answered 1, 2, ... top. counts[group, statement, value] holds a whole round.
ranks      int array (people, statements): 1 = best, equal numbers tie, 0 = not ranked.
groups     int array (people,): 0..G-1.
pairwise   N[a, b]: (weighted) number of people who place a strictly above b. Ties add nothing.
order      tuple of tuples of statement indices, best first; statements in one inner tuple are tied.
panels     orders or figures, one a session, its statements by one number for the whole study; what a session was not
           asked is nowhere in its order, None among verdicts, NaN among points: never 0, never below.
origins    sequence (people,) of pooling.Origin: session, site and group of each person.
"""
