"""Entities of the doors, windows, tyres, lamps and trip meters, of which a car has several."""

from collections.abc import Iterator

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.entities.model import (
    INCREASING,
    KILOMETERS,
    KILOMETERS_PER_HOUR,
    KILOWATT_HOURS_PER_100_KM,
    LITERS_PER_100_KM,
    Entity,
    flag,
    number,
)
from volvo_exporter.catalogue.parts import DOORS, LAMPS, TYRES, WINDOWS

TRIPS = {"manual": ("", "Trip manual"), "automatic": ("_automatic", "Trip automatic")}


def _text(part: str) -> str:
    return part.replace("_", " ")


def _is_side(part: str) -> bool:
    return part.startswith(("front", "rear"))


def parts() -> Iterator[Entity]:
    """Yield an entity for each door, window, tyre and lamp."""
    for _, part in DOORS:
        id_, name = (f"door_{part}", f"Door {_text(part)}") if _is_side(part) else (part, _text(part))
        yield flag(id_, name.capitalize(), families.DOOR_OPEN, "door", labels=(("door", part),))
    for _, part in WINDOWS:
        id_, name = (f"window_{part}", f"Window {_text(part)}") if _is_side(part) else (part, _text(part))
        yield flag(id_, name.capitalize(), families.WINDOW_OPEN, "window", labels=(("window", part),))
    for _, part in TYRES:
        yield flag(
            f"tire_{part}",
            f"Tire {_text(part)}",
            families.TYRE_PRESSURE,
            labels=(("tyre", part),),
            problems=("very_low_pressure", "low_pressure", "high_pressure"),
            icon="mdi:tire",
        )
    for _, part in LAMPS:
        yield flag(
            f"{part}_warning",
            _text(part).capitalize(),
            families.LAMP_FAILURE,
            labels=(("lamp", part),),
            icon="mdi:car-light-alert",
            diagnostic=True,
        )


def trips() -> Iterator[Entity]:
    """Yield the entities of the two trip meters."""
    for trip, (suffix, name) in TRIPS.items():
        labels = (("trip", trip),)
        yield number(
            f"trip_meter_{trip}",
            f"{name} distance",
            families.TRIP_DISTANCE,
            KILOMETERS,
            "distance",
            labels=labels,
            state_class=INCREASING,
            icon="mdi:map-marker-distance",
        )
        yield number(
            f"average_speed{suffix}",
            f"{name} average speed",
            families.AVERAGE_SPEED,
            KILOMETERS_PER_HOUR,
            "speed",
            labels=labels,
        )
        yield number(
            f"average_energy_consumption{suffix}",
            f"{name} average energy consumption",
            families.AVERAGE_ENERGY,
            KILOWATT_HOURS_PER_100_KM,
            labels=labels,
            precision=1,
            icon="mdi:car-electric",
        )
        yield number(
            f"average_fuel_consumption{suffix}",
            f"{name} average fuel consumption",
            families.AVERAGE_FUEL,
            LITERS_PER_100_KM,
            labels=labels,
            precision=1,
            icon="mdi:gas-station",
        )
