"""Grafana dashboards, generated from tables."""
