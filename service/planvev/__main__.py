"""`python -m planvev` is the command `planvev`."""

import sys

from planvev.cli import main

sys.exit(main())
