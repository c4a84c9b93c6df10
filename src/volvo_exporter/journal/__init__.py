"""Drives, charges and refuellings, derived from an append-only log of what the cars reported."""
