"""Service fields of Connected Vehicle's `/diagnostics`."""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Field, Number, States
from volvo_exporter.catalogue.quantities import DISTANCE, DURATION

SERVICE = (
    Field(
        key="serviceWarning",
        family=families.SERVICE_STATUS,
        kind=States(states=families.SERVICE_STATES),
        meaning="Service reminder: whether service is due soon, due or overdue, and for which reason.",
        example="NO_WARNING",
    ),
    Field(
        key="serviceTrigger",
        family=families.SERVICE_TRIGGER,
        kind=States(states=families.SERVICE_TRIGGERS, unknown_values=("UNKNOWN",)),
        meaning="Reason why the service is due; usually absent.",
        example="CALENDAR_TIME",
    ),
    # Remaining distance and time are negative when the service is overdue; not seen on a car yet.
    Field(
        key="distanceToService",
        family=families.SERVICE_DISTANCE,
        kind=Number(quantity=DISTANCE, unit="km", low=-1e9),
        meaning="Distance until the next service.",
        example=11200,
    ),
    Field(
        key="timeToService",
        family=families.SERVICE_TIME,
        # Switches from months to days when the service is near.
        kind=Number(quantity=DURATION, unit="months", other_units=("days",), low=-1e9),
        meaning="Time until the next service; in days instead of months when it is near.",
        example=8,
    ),
    Field(
        key="engineHoursToService",
        family=families.SERVICE_ENGINE_TIME,
        kind=Number(quantity=DURATION, unit="h", low=-1e9),
        meaning="Engine hours until the next service; on electric cars too.",
        example=809,
    ),
)
