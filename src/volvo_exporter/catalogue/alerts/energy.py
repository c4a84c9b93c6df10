"""Alerts about charge and fuel."""

# ruff: noqa: E501 - PromQL is written with one condition a line

from volvo_exporter.catalogue.alerts.model import HOUR, MINUTE, Alert, AlertGroup, Severity, promql
from volvo_exporter.catalogue.thresholds import LOW_FUEL

ENERGY = AlertGroup(
    name="volvo-energy",
    title="Charge and fuel",
    alerts=(
        Alert(
            name="VolvoChargeComplete",
            severity=Severity.INFO,
            labels=("vin", "car"),
            expression=promql("""
                volvo:battery_charge_percent:max * on (vin) group_left (car) volvo:vehicle:name
                  and on (vin) volvo:charging:max == 0
                  and on (vin) max_over_time(volvo:charging:max[1h]) == 1
                  and on (vin) (
                    volvo:battery_charge_percent:max >= on (vin) volvo:charging_target_percent:max - 1
                    or on (vin) max by (vin) (last_over_time(volvo_charging_status{state="done"}[10m])) == 1
                  )
            """),
            duration=2 * MINUTE,
            condition="Charging ended within the last hour, and the target is reached.",
            details="The car reports that charging is done, or its charge is within a point of the target. "
            "The alert ends after an hour.",
            summary="{car} is charged to {value:.0f} %",
            description="Charging ended within the last hour, and the target is reached.",
            action="Unplug the car if others need the charger.",
            tuning='If you do not need it, remove the rule or route `severity="info"` to an empty receiver.',
        ),
        Alert(
            name="VolvoChargingStopped",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                volvo:battery_charge_percent:max * on (vin) group_left (car) volvo:vehicle:name
                  < on (vin) group_left () volvo:charging_target_percent:max - 2
                  and on (vin) volvo:connected:max == 1
                  and on (vin) volvo:charging:max == 0
                  and on (vin) max_over_time(volvo:charging:max[3h]) == 1
                  and on (vin) max by (vin) (last_over_time(volvo_charging_status{state=~"idle|error|discharging"}[10m])) == 1
            """),
            duration=10 * MINUTE,
            condition="The car stopped charging more than two points below its target.",
            details="It is plugged in and was charging within the last three hours. "
            "It reports neither that charging is done nor that it waits for a schedule.",
            summary="{car} stopped charging at {value:.0f} %, below its target",
            description="It is plugged in and was charging within the last three hours. "
            "It does not wait for a schedule.",
            action="Check the cable, the charger, its fuse and its app. Stop and start charging.",
            tuning="If a wallbox pauses charging on purpose (solar surplus, tariffs), "
            "raise `for` beyond the pauses or silence the alert.",
        ),
        Alert(
            name="VolvoChargerFault",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                (
                  max by (vin) (last_over_time(volvo_charging_status{state="error"}[10m])) == 1
                  or on (vin) max by (vin) (last_over_time(volvo_charger_connection_status{state="fault"}[10m])) == 1
                  or on (vin) (
                    max by (vin) (last_over_time(volvo_charger_power_status{state="fault"}[10m])) == 1
                    and on (vin) max by (vin) (last_over_time(volvo_charging_status{state="done"}[10m])) == 0
                    and on (vin) volvo:battery_charge_percent:max < on (vin) volvo:charging_target_percent:max - 1
                  )
                ) * on (vin) group_left (car) volvo:vehicle:name
            """),
            duration=10 * MINUTE,
            condition="The car reports a fault of charging, of the cable or of the charger's power.",
            details="A fault of the power alone counts only while charging is not done and the target is not "
            "reached: a plugged-in EX30 reports this fault whenever charging is done "
            "(home-assistant/core#150205).",
            summary="{car} reports a charging fault",
            description="The charging system, the cable or the charger has reported a fault for 10 minutes.",
            action="Unplug the car, wait a minute and plug it in again. "
            "If the fault remains, try another cable or charger, then contact the workshop.",
            tuning="If your car reports a fault although charging works, "
            "silence the alert by VIN and open an issue.",
        ),
        Alert(
            name="VolvoBatteryLowAtNight",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                volvo:battery_charge_percent:max * on (vin) group_left (car) volvo:vehicle:name < 20
                  and on (vin) volvo:at_rest:max == 1
                  and on (vin) volvo:connected:max == 0
                  and on (vin) max by (vin) (last_over_time(volvo_vehicle_info{fuel_type="ELECTRIC"}[10m]))
                  and on () (hour() >= 20 or hour() < 4)
            """),
            duration=30 * MINUTE,
            condition="At night, a purely electric car has less than 20 % and is not plugged in.",
            details="Night is 20:00 to 04:00 UTC, because Prometheus has no time zones: "
            "evening and night in Europe.",
            summary="{car} has {value:.0f} % and is not plugged in",
            description="It is night and the charge is below 20 %.",
            action="Plug the car in if you need it in the morning.",
            tuning="Change the 20 or the hours. `hour()` is UTC: subtract your offset, "
            "e.g. `hour() >= 2 and hour() < 10` in New York.",
        ),
        Alert(
            name="VolvoStandbyLoss",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                volvo:standby_loss_percent:1d * on (vin) group_left (car) volvo:vehicle:name > 5
            """),
            duration=HOUR,
            condition="The car lost more than 5 points of charge within 24 hours while parked.",
            details="Only time without driving and charging counts. One point a day is usual; "
            "in frost and after a trip the reading can fall by two or three points.",
            summary="{car} lost {value:.0f} % of charge while parked",
            description="The loss is that of the last 24 hours, without driving.",
            action="Check for climate timers, apps that wake the car, and a door or lid that is not closed. "
            "If it continues, have the workshop check the 12 V battery.",
            tuning="Change the 5. A plug-in hybrid with its small battery may need 10.",
        ),
        Alert(
            name="VolvoFuelLow",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql(f"""
                (
                  volvo:fuel_liters:max < {LOW_FUEL:g}
                  or on (vin) max by (vin) (volvo:distance_to_empty_km:max{{source="tank"}}) < 80
                ) * on (vin) group_left (car) volvo:vehicle:name
            """),
            duration=10 * MINUTE,
            condition=f"Less than {LOW_FUEL:g} litres or 80 km are left in the tank.",
            details="The kilometres are the car's estimate.",
            summary="{car} is low on fuel",
            description=f"Less than {LOW_FUEL:g} litres or 80 km are left in the tank.",
            action="Refuel.",
            tuning=f"Change the {LOW_FUEL:g} or the 80.",
        ),
    ),
)
