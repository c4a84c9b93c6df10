"""Benchmarks of the exporter; run one with `python -m benchmarks.polling`."""
