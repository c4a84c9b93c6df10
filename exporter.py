"""`python exporter.py`: the same as `volvo-exporter serve`."""

from launcher import run

run("serve")
