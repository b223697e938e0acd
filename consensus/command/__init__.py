"""The commands for a statistician: measure a file of ratings, rank a file of ballots.

A module reads (reading, wide, tidy, preflib, ballots), sets a table, or is a command. No formula belongs here: figures
come from rounds.measures. Files are read whole; nothing is stored.
"""
