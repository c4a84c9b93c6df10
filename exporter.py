"""`python exporter.py`: the same as `volvo-exporter serve`."""

import sys

from volvo_exporter.cli import main

main(["serve", *sys.argv[1:]])
