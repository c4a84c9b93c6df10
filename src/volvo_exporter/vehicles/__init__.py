"""Readings, activity and warnings of the vehicles; independent of HTTP and outputs."""
