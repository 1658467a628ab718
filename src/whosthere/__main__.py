"""`python -m whosthere` is the command `whosthere`."""

import sys

from whosthere.app.cli import main

sys.exit(main())
