"""Volvo ID, the token file and the APIs; independent of Prometheus."""
