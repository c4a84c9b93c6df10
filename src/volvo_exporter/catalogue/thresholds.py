"""Values from which a car needs attention: the same on the page, in the alerts and on the dashboards."""

LOW_FUEL = 7.0
"""Litres. At 8.75 l/100 km they last for 80 km, the other bound of the alert VolvoFuelLow."""
