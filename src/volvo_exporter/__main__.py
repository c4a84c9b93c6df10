"""`python -m volvo_exporter`: the same as `volvo-exporter`."""

from volvo_exporter.cli import main

main()
