"""Where: what the exporter serves over HTTP."""
