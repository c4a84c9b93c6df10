"""Export data of Volvo cars as Prometheus metrics: log in at Volvo ID, poll Volvo's APIs, serve metrics."""

__version__ = "0.2.0"
