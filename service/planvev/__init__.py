"""planvev: public plans as linked open data, from Turtle files to checked, published and served graphs.

The package is a house with floors: `tests/house/test_layers.py` draws it, and says which module may know which.
This file knows the version, the only place where it is written, and nothing else.
"""

__version__ = "0.1.0"
