"""Fields of Connected Vehicle's `/statistics`: trip meters, averages and distance to empty."""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Field, Number
from volvo_exporter.catalogue.quantities import DISTANCE, ENERGY_PER_DISTANCE, SPEED, VOLUME_PER_DISTANCE

MANUAL = (("trip", "manual"),)
AUTOMATIC = (("trip", "automatic"),)
SINCE_CHARGE = (("trip", "since_charge"),)

STATISTICS = (
    *(
        Field(
            key=f"distanceToEmpty{source.capitalize()}",
            family=families.DISTANCE_TO_EMPTY,
            kind=Number(quantity=DISTANCE, unit="km"),
            meaning="Range on the remaining energy or fuel, estimated by the car.",
            example=310,
            labels=(("source", source),),
        )
        for source in ("battery", "tank")
    ),
    *(
        Field(
            key=f"tripMeter{suffix}",
            family=families.TRIP_DISTANCE,
            kind=Number(quantity=DISTANCE, unit="km"),
            meaning="Distance on the trip meter. The car resets the automatic one between trips, "
            "the driver resets the manual one.",
            example=128.4,
            labels=trip,
        )
        for suffix, trip in (("Manual", MANUAL), ("Automatic", AUTOMATIC))
    ),
    *(
        Field(
            key=f"averageSpeed{suffix}",
            family=families.AVERAGE_SPEED,
            kind=Number(quantity=SPEED, unit="km/h"),
            meaning="Average speed since the trip meter was reset.",
            example=47,
            labels=trip,
        )
        for suffix, trip in (("", MANUAL), ("Automatic", AUTOMATIC))
    ),
    *(
        Field(
            key=f"averageEnergyConsumption{suffix}",
            family=families.AVERAGE_ENERGY,
            kind=Number(quantity=ENERGY_PER_DISTANCE, unit="kWh/100km"),
            meaning="Average electric consumption since the trip meter was reset, or since the last charge. "
            "Its timestamp is the time of the request.",
            example=18.7,
            labels=trip,
            stamped=False,  # home-assistant/core#150213
        )
        for suffix, trip in (("", MANUAL), ("Automatic", AUTOMATIC), ("SinceCharge", SINCE_CHARGE))
    ),
    *(
        Field(
            key=f"averageFuelConsumption{suffix}",
            family=families.AVERAGE_FUEL,
            kind=Number(quantity=VOLUME_PER_DISTANCE, unit="l/100km"),
            meaning="Average fuel consumption since the trip meter was reset.",
            example=6.2,
            labels=trip,
        )
        for suffix, trip in (("", MANUAL), ("Automatic", AUTOMATIC))
    ),
)
