"""`python auth.py`: the same as `volvo-exporter login`."""

from launcher import run

run("login")
