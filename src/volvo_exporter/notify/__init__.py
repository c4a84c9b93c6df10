"""Notifications without Prometheus: conditions of the table of alerts, evaluated on the vehicles' state.

Imported only where `notify` or `webhooks` is set.
"""
