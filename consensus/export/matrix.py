"""matrix.csv: a row a cell of the matrix of statements, with its counts by verdict; as the page shows it."""

from __future__ import annotations

from consensus.export.sheets import Sheet, sheet, text
from consensus.results.matrix import VERDICTS, Matrix

FILE = "matrix.csv"


def matrix_sheet(matrix: Matrix) -> Sheet:
    """Two columns are called as their fields; where nothing is said of one, its cell is empty."""
    columns = (matrix.down, matrix.across, "statements", *VERDICTS)
    rows = [
        {matrix.down: cell.down, matrix.across: cell.across, "statements": text(len(cell.items))}
        | {name: text(n) for name, n in cell.verdicts}
        for _, cells in matrix.rows
        for cell in cells
    ]
    return sheet(columns, rows)
