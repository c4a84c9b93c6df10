"""Location v1: the last known position, a GeoJSON feature (longitude before latitude)."""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Api, Document, Event, Field, Number, Pace, Resource, Shape
from volvo_exporter.catalogue.quantities import ALTITUDE, HEADING, LATITUDE, LONGITUDE

DOCUMENT = Document(
    api=Api.LOCATION,
    file="location-specification.json",
    title="Location v1",
    introduction="The last known position; most cars report it at the end of a trip.",
)

LOCATION = Resource(
    name="location",
    summary="The last known position",
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
    # One coordinate alone is not a position; heading and altitude need a position.
    required=("longitude", "latitude"),
    ignored=(("status",), ("operationId",), ("data", "type"), ("data", "geometry", "type")),
    fields=(
        Field(
            key="longitude",
            family=families.LONGITUDE,
            kind=Number(quantity=LONGITUDE, unit="degrees"),
            path=("data", "geometry", "coordinates", 0),
            meaning="Longitude in degrees, east of Greenwich.",
            example=18.0686,
        ),
        Field(
            key="latitude",
            family=families.LATITUDE,
            kind=Number(quantity=LATITUDE, unit="degrees"),
            path=("data", "geometry", "coordinates", 1),
            meaning="Latitude in degrees, north of the equator.",
            example=59.3293,
        ),
        Field(
            key="altitude",
            family=families.ALTITUDE,
            kind=Number(quantity=ALTITUDE, unit="m"),
            path=("data", "geometry", "coordinates", 2),
            meaning="Altitude in meters; nearly always 0.",
            example=0,
        ),
        Field(
            key="heading",
            family=families.HEADING,
            kind=Number(quantity=HEADING, unit="degrees"),
            path=("data", "properties", "heading"),
            meaning="Degrees clockwise from north, as text; may be missing.",
            example="220",
        ),
    ),
)

RESOURCES: tuple[Resource, ...] = (LOCATION,)
