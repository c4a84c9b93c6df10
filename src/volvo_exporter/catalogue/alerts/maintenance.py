"""Alerts about what the car warns of, and about its service."""

# ruff: noqa: E501 - PromQL is written with one condition a line

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.alerts.model import HOUR, MINUTE, Alert, AlertGroup, Reported, Severity, promql

REPORTED = "The car has reported this for 15 minutes."
AFTER_REPAIR = (
    "After a repair the warning remains until the car detects it and the exporter polls it, "
    "every one to six hours: silence the alert for a day."
)
AFTER_INFLATING = (
    "After a repair the warning remains until the car has driven for some minutes "
    "and until the next poll: silence the alert for a day."
)

MAINTENANCE = AlertGroup(
    name="volvo-upkeep",
    title="Maintenance",
    alerts=(
        Alert(
            name="VolvoTyrePressureVeryLow",
            severity=Severity.CRITICAL,
            labels=("vin", "car", "tyre", "state"),
            expression=Reported(family=families.TYRE_PRESSURE, only="very_low_pressure"),
            duration=15 * MINUTE,
            keep_firing_for=HOUR,
            condition="The car reports very low pressure of a tyre.",
            summary="Tyre {tyre:spaced} of {car}: {state:spaced}",
            description=REPORTED,
            action="Do not drive on. Check the tyre for damage, then inflate or replace it.",
            tuning=AFTER_INFLATING,
        ),
        Alert(
            name="VolvoTyrePressure",
            severity=Severity.WARNING,
            labels=("vin", "car", "tyre", "state"),
            expression=Reported(family=families.TYRE_PRESSURE, only="low_pressure|high_pressure"),
            duration=15 * MINUTE,
            condition="The car reports low or high pressure of a tyre.",
            summary="Tyre {tyre:spaced} of {car}: {state:spaced}",
            description=REPORTED,
            action="Compare the pressure of the cold tyre with the label in the door frame, correct it, "
            "and reset the tyre monitor in the car.",
            tuning=AFTER_INFLATING,
        ),
        Alert(
            name="VolvoBrakeFluidLow",
            severity=Severity.CRITICAL,
            labels=("vin", "car"),
            expression=Reported(family=families.BRAKE_FLUID_LOW),
            duration=15 * MINUTE,
            keep_firing_for=HOUR,
            condition="The car reports low brake fluid.",
            summary="The brake fluid of {car} is low",
            description=REPORTED,
            action="Do not drive on. Call the workshop.",
            tuning=AFTER_REPAIR,
        ),
        Alert(
            name="VolvoOilLevel",
            severity=Severity.WARNING,
            labels=("vin", "car", "state"),
            expression=Reported(family=families.OIL_LEVEL, only="service_required|too_low|too_high"),
            duration=15 * MINUTE,
            condition="The car reports that the engine oil is too low, too high, or due for service.",
            summary="Engine oil of {car}: {state:spaced}",
            description=REPORTED,
            action="Check the level on level ground. Top up with the oil that the manual names; "
            "if the level is too high, have oil drained.",
            tuning=AFTER_REPAIR,
        ),
        Alert(
            name="VolvoCoolantLow",
            severity=Severity.CRITICAL,
            labels=("vin", "car"),
            expression=Reported(family=families.COOLANT_LOW),
            duration=15 * MINUTE,
            keep_firing_for=HOUR,
            condition="The car reports low coolant.",
            summary="The coolant of {car} is low",
            description=REPORTED,
            action="Let the engine cool down, top up with the coolant that the manual names, "
            "and have the leak repaired.",
            tuning=AFTER_REPAIR,
        ),
        Alert(
            name="VolvoWasherFluidLow",
            severity=Severity.INFO,
            labels=("vin", "car"),
            expression=Reported(family=families.WASHER_FLUID_LOW),
            duration=15 * MINUTE,
            condition="The car reports low washer fluid.",
            summary="The washer fluid of {car} is low",
            description=REPORTED,
            action="Top it up.",
            tuning=AFTER_REPAIR,
        ),
        Alert(
            name="VolvoLampFailed",
            severity=Severity.WARNING,
            labels=("vin", "car", "lamp"),
            expression=Reported(family=families.LAMP_FAILURE),
            duration=15 * MINUTE,
            condition="The car reports a failed lamp.",
            summary="Lamp {lamp:spaced} of {car} has failed",
            description=REPORTED,
            action="Replace the bulb, or have the lamp checked.",
            tuning=AFTER_REPAIR,
        ),
        Alert(
            name="VolvoServiceDueSoon",
            severity=Severity.INFO,
            labels=("vin", "car"),
            expression=promql("""
                (
                  max by (vin) (last_over_time(volvo_service_status{state=~".+_(almost_time|time)_for_service"}[10m])) == 1
                  or on (vin) (volvo:service_time_days:min > 0 < 30)
                  or on (vin) (volvo:service_distance_km:min > 0 < 1000)
                ) * on (vin) group_left (car) volvo:vehicle:name
            """),
            duration=HOUR,
            condition="The car shows a service reminder, or less than 30 days or 1,000 km are left.",
            summary="{car} is due for service soon",
            description="The car shows a service reminder, or less than 30 days or 1,000 km are left.",
            action="Make an appointment with the workshop.",
            tuning="Change the 30 or the 1000, or silence the alert until the appointment.",
        ),
        Alert(
            name="VolvoServiceOverdue",
            severity=Severity.WARNING,
            labels=("vin", "car", "state"),
            expression=Reported(family=families.SERVICE_STATUS, only=".+_overdue_for_service"),
            duration=HOUR,
            condition="The car reports that its service is overdue by time, distance or engine hours.",
            summary="The service of {car} is overdue",
            description="The car reports: {state:spaced}.",
            action="Make an appointment with the workshop; the warranty may depend on it.",
            tuning="Silence the alert until the appointment.",
        ),
    ),
)
