"""The parts of the recount.py that every parcel of /1.1 carries, as they were: joined to the byte (recounting.py)."""
