"""See a Volvo in Prometheus: log in at Volvo ID, poll Volvo's APIs, serve what the cars tell as metrics."""

__version__ = "0.2.0"
