"""Alerts about the exporter, its login and its quota."""

# ruff: noqa: E501 - PromQL is written with one condition a line

from volvo_exporter.catalogue.alerts.model import HOUR, MINUTE, Alert, AlertGroup, Severity, promql

EXPORTER = AlertGroup(
    name="volvo-exporter",
    title="Exporter and login",
    alerts=(
        Alert(
            name="VolvoExporterDown",
            severity=Severity.CRITICAL,
            labels=("job", "instance"),
            expression=promql("""
                max by (job, instance) (up{job="volvo"}) == 0
            """),
            duration=5 * MINUTE,
            # An exporter that crashes repeatedly answers some scrapes.
            keep_firing_for=5 * MINUTE,
            condition="Prometheus cannot scrape the exporter.",
            details="The message arrives 5½ to 7½ minutes after the exporter went down: up to a minute until "
            "the next scrape, up to a minute until the next evaluation, five minutes of `for`, and "
            "Alertmanager's `group_wait` of 30 s. "
            '"Resolved" arrives 5 to 12 minutes after it is back: five minutes of `keep_firing_for`, in which '
            "it could crash again, and Alertmanager's `group_interval` of five minutes. "
            "Meanwhile alerts about cars end after ten minutes without data; "
            "Alertmanager does not report these as resolved.",
            summary="The exporter {instance} is down",
            description="Prometheus has not reached it for 5 minutes. "
            "There are no new alerts about cars until it is back.",
            action="Check that the process or container runs, and its log (`docker compose logs "
            "volvo-exporter`). Check the address in `prometheus.yml`.",
            tuning="The scrape job must be named `volvo`, or change the name in the expression.",
            prometheus_only="an exporter that is down sends nothing",
        ),
        Alert(
            name="VolvoLoginRequired",
            severity=Severity.CRITICAL,
            labels=("account",),
            expression=promql("""
                max by (account) (last_over_time(volvo_exporter_login_required[10m])) == 1
            """),
            duration=5 * MINUTE,
            condition="The login at Volvo ID has ended or was refused.",
            details="No requests are sent for this account.",
            summary="Login at Volvo ID required (account {account})",
            description="No requests are sent until you log in.",
            action="Open the exporter's page and log in, or run `volvo-exporter login`.",
            tuning="Silence the alert by account if you no longer use the account.",
        ),
        Alert(
            name="VolvoGrantEndsIn14Days",
            severity=Severity.INFO,
            labels=("account",),
            expression=promql("""
                max by (account) (last_over_time(volvo_exporter_grant_expiry_timestamp_seconds[10m])) - time() > 3 * 86400 < 14 * 86400
            """),
            duration=HOUR,
            condition="The login at Volvo ID ends within 14 days.",
            details="A login lasts about 180 days. Volvo does not report its end, so the exporter estimates it.",
            summary="The login at Volvo ID ends in {value:duration} (account {account})",
            description="The end is an estimate: a login lasts about 180 days.",
            action="Log in again on the exporter's page or with `volvo-exporter login`; "
            "this is possible at any time.",
            tuning="Change the 14.",
        ),
        Alert(
            name="VolvoGrantEndsIn3Days",
            severity=Severity.WARNING,
            labels=("account",),
            expression=promql("""
                max by (account) (last_over_time(volvo_exporter_grant_expiry_timestamp_seconds[10m])) - time() > 0 < 3 * 86400
            """),
            duration=HOUR,
            condition="The login at Volvo ID ends within 3 days.",
            details="The end is the estimate of [VolvoGrantEndsIn14Days](#volvograntendsin14days).",
            summary="The login at Volvo ID ends in {value:duration} (account {account})",
            description="When it has ended, no requests are sent.",
            action="Log in again now, on the exporter's page or with `volvo-exporter login`.",
            tuning="Change the 3, here and in VolvoGrantEndsIn14Days.",
        ),
        Alert(
            name="VolvoQuotaForecastHigh",
            severity=Severity.INFO,
            labels=("account",),
            expression=promql("""
                volvo:quota_forecast:ratio > 0.8
                  and on (account) volvo:quota_used:ratio < 1
            """),
            duration=HOUR,
            condition="More than 80 % of the daily API quota will be used.",
            details="This is the forecast for the reset at 00:00 UTC. The exporter spreads its requests, "
            "so the alert alone is harmless; with many cars on one API key it is normal.",
            summary="{value:percent} of the daily API quota will be used (account {account})",
            description="The exporter polls less often to stay within the quota; values will be older.",
            action="Raise `scrape_interval`, disable resources with `disabled_resources`, "
            "or check which other programs use the API key.",
            tuning="Change the 0.8, or remove the rule if you have four cars or more.",
        ),
        Alert(
            name="VolvoQuotaGone",
            severity=Severity.CRITICAL,
            labels=("account",),
            expression=promql("""
                max by (account) (last_over_time(volvo_exporter_quota_remaining[10m])) <= 0
            """),
            duration=5 * MINUTE,
            condition="The daily API quota is used up.",
            details="Volvo reported this, or the exporter counted its requests. Polling resumes at the reset.",
            summary="Daily API quota used up (account {account})",
            description="Polling resumes when the quota resets, usually at 00:00 UTC.",
            action="Check which other programs use the API key (Home Assistant, evcc, a second exporter), "
            "and create a key for each.",
            tuning="Silence the alert until 00:00 UTC.",
        ),
        Alert(
            name="VolvoUnknownValues",
            severity=Severity.INFO,
            labels=("resource", "field", "reason"),
            expression=promql("""
                max by (resource, field, reason) (last_over_time(volvo_exporter_unmapped_values_total[10m])) > 0
            """),
            duration=HOUR,
            condition="Volvo sent a value, unit, JSON key or structure that the exporter does not know.",
            details="Such values are not exported. With the reason `unknown_key` nothing is wrong: "
            "Volvo added a key, which the log names.",
            summary="Unknown value from Volvo ({resource} {field})",
            description="The exporter does not export it ({reason:spaced}).",
            action="Update the exporter. If the alert remains, open an issue with the log line "
            "that names the field.",
            tuning="Silence the alert by `resource` and `field`. A restart of the exporter ends it "
            "until the value appears again.",
            prometheus_only="it is about the exporter's own program; the log has the same line",
        ),
    ),
)
