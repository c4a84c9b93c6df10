"""Alerts as a table, from which the rules and their documentation are generated."""
