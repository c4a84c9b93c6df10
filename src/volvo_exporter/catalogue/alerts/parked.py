"""Alerts about a parked car."""

# ruff: noqa: E501 - PromQL is written with one condition a line

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.alerts.model import HOUR, MINUTE, Alert, AlertGroup, Reported, Severity, promql

SILENCE_AT_WORK = "Raise `for`, or silence the alert by VIN while you work on the car."

PARKED = AlertGroup(
    name="volvo-parked",
    title="Parked car",
    alerts=(
        Alert(
            name="VolvoUnlocked",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=Reported(family=families.LOCKED, value=0, at_rest=True),
            duration=15 * MINUTE,
            condition="The car is parked and unlocked.",
            summary="{car} is unlocked while parked",
            description="The central lock has been open for 15 minutes.",
            action="Lock the car with the key or the Volvo app.",
            tuning="Raise `for` if loading the car takes longer. "
            "Silence the alert by VIN for a car in a garage.",
        ),
        Alert(
            name="VolvoDoorOpen",
            severity=Severity.WARNING,
            labels=("vin", "car", "door"),
            expression=Reported(family=families.DOOR_OPEN, only="(front|rear)_.+", at_rest=True),
            duration=10 * MINUTE,
            condition="A door is open or ajar while the car is parked.",
            details="The tank lid is not included: it is open during refuelling and, on some cars, charging.",
            summary="Door {door:spaced} of {car} is open while parked",
            description="It has been open or ajar for 10 minutes.",
            action="Close the door. The interior light can drain the 12 V battery.",
            tuning=SILENCE_AT_WORK,
        ),
        Alert(
            name="VolvoHoodOpen",
            severity=Severity.WARNING,
            labels=("vin", "car", "door"),
            expression=Reported(family=families.DOOR_OPEN, only="hood", at_rest=True),
            duration=10 * MINUTE,
            condition="The hood is open or ajar while the car is parked.",
            summary="The hood of {car} is open while parked",
            description="It has been open or ajar for 10 minutes.",
            action="Close the hood until it latches.",
            tuning=SILENCE_AT_WORK,
        ),
        Alert(
            name="VolvoTailgateOpen",
            severity=Severity.WARNING,
            labels=("vin", "car", "door"),
            expression=Reported(family=families.DOOR_OPEN, only="tailgate", at_rest=True),
            duration=10 * MINUTE,
            condition="The tailgate is open or ajar while the car is parked.",
            summary="The tailgate of {car} is open while parked",
            description="It has been open or ajar for 10 minutes.",
            action="Close the tailgate, and check that nothing keeps it from latching.",
            tuning=SILENCE_AT_WORK,
        ),
        Alert(
            name="VolvoWindowOpen",
            severity=Severity.WARNING,
            labels=("vin", "car", "window"),
            expression=Reported(family=families.WINDOW_OPEN, without="sunroof", at_rest=True),
            duration=15 * MINUTE,
            condition="A window is open or ajar while the car is parked.",
            summary="Window {window:spaced} of {car} is open while parked",
            description="It has been open or ajar for 15 minutes.",
            action="Close the window.",
            tuning=SILENCE_AT_WORK,
        ),
        Alert(
            name="VolvoSunroofOpen",
            severity=Severity.WARNING,
            labels=("vin", "car", "window"),
            expression=Reported(family=families.WINDOW_OPEN, only="sunroof", at_rest=True),
            duration=15 * MINUTE,
            condition="The sunroof is open or ajar while the car is parked.",
            summary="The sunroof of {car} is open while parked",
            description="It has been open or ajar for 15 minutes.",
            action="Close the sunroof.",
            tuning=SILENCE_AT_WORK,
        ),
        Alert(
            name="VolvoOpenInHumidWeather",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                max by (vin) (last_over_time(volvo_window_open[10m]))
                  * on (vin) group_left (car) volvo:vehicle:name == 1
                  and on (vin) volvo:at_rest:max == 1
                  and on (vin) max by (vin) (last_over_time(volvo_weather_humidity_ratio[1h])) >= 0.9
            """),
            duration=5 * MINUTE,
            condition="A window or the sunroof is open while the car is parked, "
            "and the relative humidity is 90 % or more.",
            details="This is not a rain forecast: the exporter reads temperature, pressure and humidity, "
            "but not rain. The humidity is that high in rain and fog, and on many clear nights.",
            summary="A window or the sunroof of {car} is open in humid air",
            description="The relative humidity at the car is 90 % or more: rain or fog is possible.",
            action="Close the windows and the sunroof.",
            tuning="Raise the 0.9. Without `weather_api_key` this alert never fires.",
        ),
        Alert(
            name="VolvoMovedWhileLocked",
            severity=Severity.CRITICAL,
            labels=("vin", "car"),
            expression=promql("""
                volvo:position_shift_km:3h * on (vin) group_left (car) volvo:vehicle:name > 0.5
                  and on (vin) volvo:at_rest:max == 1
                  and on (vin) max by (vin) (max_over_time(volvo_engine_running[6h])) == 0
                  and on (vin) min by (vin) (min_over_time(volvo_locked[6h])) == 1
                  and on (vin) volvo:odometer_km:max == volvo:odometer_km:max offset 6h
            """),
            duration=5 * MINUTE,
            keep_firing_for=HOUR,
            condition="The car moved by more than 500 m while it was locked and off.",
            details="The positions of the last three hours are that far apart, although for six hours the car "
            "was locked, the engine off and the odometer unchanged: it was towed, transported or stolen. "
            "The position of a parked car is requested every two hours, so the alert can be late. "
            "The six hours prevent a false alert from a delayed position of the last trip.",
            summary="{car} moved while locked and off",
            description="Its position changed by {value:.1f} km within three hours. "
            "For six hours it was locked, the engine off and the odometer unchanged.",
            action="Check the car's position in the Volvo app or on the dashboard. "
            "If it was not towed at your request, call the police and Volvo on Call.",
            tuning="Silence the alert for a day on a ferry or a transporter. "
            "Raise the 0.5 where positions are imprecise, e.g. between tall buildings or underground. "
            "With `position: rounded` under `privacy` positions change in steps of a kilometre: raise it to 3.",
        ),
    ),
)
