"""The numerical core, measure by measure: published values, laws, and figures worked by hand."""
