"""`python -m wsgi_placeholder` is the command `wsgi-placeholder`."""

import sys

from wsgi_placeholder.cli import main

sys.exit(main())
