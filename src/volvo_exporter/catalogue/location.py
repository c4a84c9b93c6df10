"""Location v1: the last known position, a GeoJSON feature (longitude before latitude)."""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Api, Event, Field, Number, Pace, Resource, Shape
from volvo_exporter.catalogue.quantities import ALTITUDE, HEADING, LATITUDE, LONGITUDE

LOCATION = Resource(
    name="location",
    api=Api.LOCATION,
    path="/vehicles/{vin}/location",
    scopes=("location:read",),
    # Updated at the end of a drive; some cars report it while they drive.
    pace=Pace(driving=1, charging=24, plugged_in=24, parked=24, asleep=48, watched=1),
    prompted_by=frozenset({Event.DRIVE_ENDED, Event.WOKE_UP}),
    order=6,
    shape=Shape.BARE,
    timestamp=("data", "properties", "timestamp"),
    private=True,
    # A parallel or a meridian is not a place, and heading and altitude belong to a place.
    required=("longitude", "latitude"),
    ignored=(("status",), ("operationId",), ("data", "type"), ("data", "geometry", "type")),
    fields=(
        Field(
            key="longitude",
            family=families.LONGITUDE,
            kind=Number(quantity=LONGITUDE, unit="degrees"),
            path=("data", "geometry", "coordinates", 0),
        ),
        Field(
            key="latitude",
            family=families.LATITUDE,
            kind=Number(quantity=LATITUDE, unit="degrees"),
            path=("data", "geometry", "coordinates", 1),
        ),
        Field(
            key="altitude",
            family=families.ALTITUDE,
            kind=Number(quantity=ALTITUDE, unit="m"),
            path=("data", "geometry", "coordinates", 2),
        ),
        Field(
            key="heading",
            family=families.HEADING,
            kind=Number(quantity=HEADING, unit="degrees"),
            path=("data", "properties", "heading"),
        ),
    ),
)

RESOURCES: tuple[Resource, ...] = (LOCATION,)
