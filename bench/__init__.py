"""How long the numerical core takes, beside other packages. Run by hand and read by people; no test belongs here."""
