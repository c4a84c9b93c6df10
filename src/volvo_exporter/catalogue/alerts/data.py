"""Alerts about the data of a car: missing, stale or failing."""

# ruff: noqa: E501 - PromQL is written with one condition a line

from volvo_exporter.catalogue.alerts.model import HOUR, MINUTE, Alert, AlertGroup, Severity, promql

DATA = AlertGroup(
    name="volvo-data",
    title="Vehicle data",
    alerts=(
        Alert(
            name="VolvoUnreachable",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                max by (vin) (max_over_time(volvo_available[3d]))
                  * on (vin) group_left (car) volvo:vehicle:name == 0
                  and on (vin) max by (vin) (last_over_time(volvo_available[12h] offset 3d)) == 0
            """),
            duration=30 * MINUTE,
            condition="Volvo's cloud has not reached the car for three days.",
            details="`volvo_unavailable_reason` has the reason, if the car reported one.",
            summary="{car} has been unreachable for three days",
            description="Volvo's cloud cannot reach it: no mobile network, power saving or, most often, "
            "a weak 12 V battery.",
            action="Unlock the car with the key, start it and drive it to a place with mobile reception.",
            tuning="Silence the alert by VIN while the car is parked underground or stored for the winter.",
        ),
        Alert(
            name="VolvoCarSilent",
            severity=Severity.INFO,
            labels=("vin", "car"),
            expression=promql("""
                volvo:data_age_seconds:min * on (vin) group_left (car) volvo:vehicle:name > 7 * 86400
            """),
            duration=HOUR,
            condition="The car has sent no new value for seven days.",
            details="Requests can succeed meanwhile: Volvo's cloud repeats the last values.",
            summary="{car} has sent no data for {value:duration}",
            description="Volvo's cloud responds, but all values are that old.",
            action="Start the car. Check in its settings that it is online and shares data.",
            tuning="Change the 7, or silence the alert while the car is not used.",
        ),
        Alert(
            name="VolvoDataStale",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                time() - max by (vin) (last_over_time(volvo_resource_last_success_timestamp_seconds{resource!="weather"}[1d]))
                  * on (vin) group_left (car) volvo:vehicle:name_7d > 3 * 3600
            """),
            duration=10 * MINUTE,
            condition="No request for the car has succeeded for three hours.",
            details="Every resource counts, except the weather; even a sleeping car is requested several "
            "times an hour. The exporter keeps the last values, so other alerts may be outdated. "
            "The rule remembers the last success for a day, also across a restart of the exporter.",
            summary="No data from {car} for {value:duration}",
            description="No request for the car has succeeded since then; its values may be stale.",
            action="Open the exporter's page: it names the reason, e.g. login required, quota used up, "
            "an outage at Volvo or no network.",
            tuning="Change the 3.",
        ),
        Alert(
            name="VolvoVehicleMissing",
            severity=Severity.WARNING,
            labels=("vin", "car"),
            expression=promql("""
                volvo:vehicle:name_7d
                  unless on (vin) volvo:vehicle:name
                  and on () count(last_over_time(volvo_exporter_login_required[10m])) > 0
            """),
            duration=30 * MINUTE,
            condition="The exporter runs, but no longer exports the car.",
            details="It has exported nothing about the car for 40 minutes, although it did within the last "
            "week. Volvo no longer lists the car for this login, `vin` or `disabled_resources` changed, "
            "or the exporter was restarted during an outage. "
            "The alert does not fire while the exporter is down.",
            summary="{car} is missing from the exporter's metrics",
            description="The exporter runs, but exports nothing about this car, so no other alert covers it.",
            action="Open the exporter's page: it names the reason. Log in again and select the car on "
            "Volvo's consent page, or check `vin`. "
            "If you no longer own the car, silence this alert for a week.",
            tuning="The alert ends a week after the last value of the car.",
        ),
        Alert(
            name="VolvoApiFailing",
            severity=Severity.WARNING,
            labels=("vin", "car", "api"),
            expression=promql("""
                count by (vin, api) (
                  label_replace(
                    label_replace(
                      max by (vin, resource) (max_over_time(volvo_resource_up[3h])) == 0
                      and on (vin, resource) max by (vin, resource) (last_over_time(volvo_resource_up[10m] offset 3h)) == 0,
                      "api", "connected-vehicle", "resource", ".*"
                    ),
                    "api", "$1", "resource", "(energy|location|extended-vehicle|weather).*"
                  )
                ) * on (vin) group_left (car) volvo:vehicle:name
            """),
            duration=10 * MINUTE,
            condition="All requests for one or more resources of an API have failed for three hours.",
            details="`volvo_resource_up == 0` lists the resources.",
            summary="The {api} API has failed for {car} for three hours",
            description="Failing resources: {value}; their last values remain.",
            action="Run `volvo-exporter check`: it requests each resource once and explains the errors. "
            "A missing scope requires a new login; after an outage polling resumes.",
            tuning="Change the 3h (twice), or add resources that you do not need to `disabled_resources`.",
        ),
    ),
)
