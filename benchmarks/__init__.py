"""How fast planvev is, beside what the same machine could do at best. `make bench`; README.md says how to read it."""
