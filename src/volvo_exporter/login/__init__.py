"""Volvo ID login with PKCE: at a terminal, over loopback and in the browser."""
