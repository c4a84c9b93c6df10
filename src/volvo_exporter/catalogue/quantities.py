"""Physical quantities: every unit seen in Volvo's APIs, with its conversion to the base unit.

Bounds are wide: they exclude impossible values (a huge number, a negative charge), not rare ones.
"""

from collections.abc import Mapping
from types import MappingProxyType

from volvo_exporter.catalogue.model import Conversion, Quantity

MILE = 1609.344
JOULES_PER_KWH = 3.6e6
MONTH = 30 * 86400.0  # the API counts whole months; Home Assistant takes 30 days too


def _factors(**units: float) -> Mapping[str, Conversion]:
    return MappingProxyType({unit: Conversion(factor=factor) for unit, factor in units.items()})


# km at Connected Vehicle; `mi` and `miles` both occur in Energy's electricRange, by market.
DISTANCE = Quantity(
    base="meters",
    units=_factors(m=1, meters=1, km=1000, kilometers=1000, mi=MILE, miles=MILE),
    low=0,
    high=1e10,
)
DURATION = Quantity(
    base="seconds",
    units=_factors(
        s=1, seconds=1, min=60, minutes=60, h=3600, hours=3600, days=86400, weeks=604800, months=MONTH
    ),
    low=0,
    high=100 * 365 * 86400.0,
)
RATIO = Quantity(
    base="ratio", units=_factors(**{"%": 0.01, "percentage": 0.01, "percent": 0.01}), low=0, high=1
)
ENERGY = Quantity(base="joules", units=_factors(wh=3.6e3, kwh=JOULES_PER_KWH), low=0, high=1e10)
POWER = Quantity(base="watts", units=_factors(w=1, watt=1, watts=1, kw=1000), low=-1e6, high=1e6)
CURRENT = Quantity(base="amperes", units=_factors(a=1, ampere=1, amperes=1), low=0, high=1e4)
VOLUME = Quantity(base="liters", units=_factors(l=1, liter=1, liters=1, litre=1, litres=1), low=0, high=1e4)
SPEED = Quantity(
    base="meters_per_second",
    units=_factors(**{"km/h": 1 / 3.6, "kmh": 1 / 3.6, "mph": MILE / 3600, "m/s": 1}),
    low=0,
    high=200,
)
# Regeneration can make the consumption of a short trip negative.
ENERGY_PER_DISTANCE = Quantity(
    base="joules_per_meter",
    units=_factors(**{"kwh/100km": 36.0, "kwh/km": 3600.0, "wh/km": 3.6}),
    low=-1e5,
    high=1e5,
)
VOLUME_PER_DISTANCE = Quantity(
    base="liters_per_meter", units=_factors(**{"l/100km": 1e-5, "l/km": 1e-3}), low=0, high=1
)
TEMPERATURE = Quantity(
    base="celsius",
    units=MappingProxyType(
        {
            "celsius": Conversion(factor=1),
            "kelvin": Conversion(factor=1, offset=-273.15),
            "fahrenheit": Conversion(factor=5 / 9, offset=-160 / 9),
        }
    ),
    low=-100,
    high=100,
)
PRESSURE = Quantity(base="pascals", units=_factors(pa=1, hpa=100), low=10_000, high=200_000)
LATITUDE = Quantity(base="degrees", units=_factors(degrees=1), low=-90, high=90)
LONGITUDE = Quantity(base="degrees", units=_factors(degrees=1), low=-180, high=180)
HEADING = Quantity(base="degrees", units=_factors(degrees=1), low=0, high=360)
ALTITUDE = Quantity(base="meters", units=_factors(m=1), low=-1000, high=10_000)
