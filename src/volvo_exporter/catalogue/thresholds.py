"""Warning thresholds, the same on the status page, in the alerts and on the dashboards."""

LOW_FUEL = 7.0
"""Litres; enough for 80 km at 8.75 l/100 km, where 80 km is the other bound of the alert VolvoFuelLow."""
