"""The table of all alerts, for Prometheus' rules, their documentation and the notifications.

Imported only where it is used: the exporter itself needs it for notifications alone.
"""
