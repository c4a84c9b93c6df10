"""Prometheus remote write 1.0: the samples of `/metrics` are sent instead of scraped.

Imported only where `remote_write` is set.
"""
