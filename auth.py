"""`python auth.py`: the same as `volvo-exporter login`."""

import sys

from volvo_exporter.cli import main

main(["login", *sys.argv[1:]])
