"""The show of hands counted again."""


def hands(round, ballots):
    """{(statement, column, block): figure}; block "" is everyone."""
    found = {}
    for card in round["statements"]:
        for block in ["", *(b["key"] for b in round["blocks"])]:
            mine = [b for b in ballots if b["marks"]["card"] == card and block in ("", b["block"])]
            found[card, "n", block] = len(mine)
            found[card, "up", block] = sum(1 for b in mine if b["marks"]["hand"] == "up")
    return found
