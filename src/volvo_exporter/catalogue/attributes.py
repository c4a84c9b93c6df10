"""Attributes of a car from Connected Vehicle's details; each can be a label of its series."""

from volvo_exporter.catalogue.model import Attribute

CAPACITY = "Gross capacity of the traction battery in kWh when new. Absent, null or 0 if there is none."
"""Meaning of batteryCapacityKWH, which is both an attribute and a field."""

DETAILS_ATTRIBUTES = (
    Attribute(
        label="model",
        path=("data", "descriptions", "model"),
        meaning="Name of the model.",
        example="EX40",
    ),
    Attribute(
        label="model_year", path=("data", "modelYear"), meaning="Model year.", example=2024, numeric=True
    ),
    Attribute(
        label="fuel_type",
        path=("data", "fuelType"),
        meaning="Energy that drives the car; NONE on an EX30.",
        example="ELECTRIC",
        values=("DIESEL", "PETROL", "PETROL/ELECTRIC", "DIESEL/ELECTRIC", "ELECTRIC", "NONE"),
    ),
    Attribute(
        label="gearbox",
        path=("data", "gearbox"),
        meaning="Gearbox.",
        example="AUTOMATIC",
        values=("AUTOMATIC", "MANUAL"),
    ),
    Attribute(
        label="battery_capacity_kwh",
        path=("data", "batteryCapacityKWH"),
        meaning=CAPACITY,
        example=81.608,
        placeholders=frozenset({"", "null", "0"}),
        numeric=True,
    ),
    Attribute(
        label="colour",
        path=("data", "externalColour"),
        meaning="Colour of the paint.",
        example="Crystal White",
    ),
    Attribute(
        label="upholstery",
        path=("data", "descriptions", "upholstery"),
        meaning='Upholstery; some cars report the text "null".',
        example="Charcoal",
    ),
    Attribute(
        label="steering",
        path=("data", "descriptions", "steering"),
        meaning="Side of the steering wheel.",
        example="LEFT",
        values=("LEFT", "RIGHT"),
    ),
)
