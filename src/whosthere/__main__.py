"""`python -m whosthere` is the command `whosthere`."""

import sys

from whosthere.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
