"""Units that the user selects: variables of a dashboard, and conversions of PromQL expressions.

A unit of Grafana cannot depend on a variable: the value has none, and its name shows the selected one.
"""

from tools.dashboards.model import Choice

LITRES_PER_US_GALLON, LITRES_PER_UK_GALLON = 3.785411784, 4.54609
METERS_PER_MILE = 1609.344
JOULES_PER_KWH = 3.6e6


def inverse(factor: float) -> str:
    """Return the conversion to a distance by amount; its infinity for an amount of 0 is left out."""
    return f"^ (-1) * {factor:.6g} < Inf"


DISTANCE = Choice(
    name="distance",
    label="Distance",
    description="Unit of distances and speeds.",
    options=(("km", "/ 1000"), ("mi", f"/ {METERS_PER_MILE}")),
)
ELECTRIC = Choice(
    name="electric",
    label="Electric",
    description="Unit of the electric consumption.",
    options=(("kWh/100 km", "/ 36"), ("mi/kWh", inverse(JOULES_PER_KWH / METERS_PER_MILE))),
)
FUEL = Choice(
    name="fuel",
    label="Fuel",
    description="Unit of the fuel consumption.",
    options=(
        ("l/100 km", "* 100000"),
        ("mpg (US)", inverse(LITRES_PER_US_GALLON / METERS_PER_MILE)),
        ("mpg (UK)", inverse(LITRES_PER_UK_GALLON / METERS_PER_MILE)),
    ),
)
TEMPERATURE = Choice(
    name="temperature",
    label="Temperature",
    description="Unit of temperatures.",
    options=(("°C", "* 1"), ("°F", "* 1.8 + 32")),
)
UNITS = (DISTANCE, ELECTRIC, FUEL, TEMPERATURE)


def in_unit(unit: Choice, expr: str) -> str:
    """Return the expression in the selected unit.

    It is in meters, joules per meter, litres per meter or degrees Celsius.
    """
    return f"(({expr}) ${unit.name})"


def in_speed(expr: str) -> str:
    """Return a speed in meters per second as distance per hour."""
    return f"(({expr}) * 3600 ${DISTANCE.name})"


def with_unit(name: str, unit: Choice, suffix: str = "") -> str:
    """Return the name of a series with the selected unit, e.g. "Range (km)"."""
    return f"{name} (${{{unit.name}:text}}{suffix})"
