"""With whom: Volvo ID, the token file and the APIs. Knows nothing of Prometheus."""
