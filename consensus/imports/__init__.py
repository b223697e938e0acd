"""Files as people have them, read into rows: texts of any common encoding and separator, and Excel workbooks.

encoding, separators and cells read a text; workbook reads .xlsx by way of a program of its own (sheets); headers finds
the names of the columns, names tells which names are nearly the same, numbers what a cell counts. Nothing here knows
a study: what a column means, its caller says.
"""
