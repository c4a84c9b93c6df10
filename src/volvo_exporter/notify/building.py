"""Build the targets and the notifier from the settings."""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

import httpx2

from volvo_exporter.catalogue.alerts.model import Severity
from volvo_exporter.journal.library import RunBlocking
from volvo_exporter.notify.messages import EVENTS
from volvo_exporter.notify.output import Choice, Notifier
from volvo_exporter.notify.schedule import Schedule
from volvo_exporter.notify.targets import AppriseTarget, Target, Webhook
from volvo_exporter.polling.state_file import StateFile
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.settings import Settings
from volvo_exporter.vehicles.garage import Garage


def build_targets(
    settings: Settings,
    *,
    clock: Callable[[], float],
    run_blocking: RunBlocking,
    create_client: Callable[[], httpx2.AsyncClient],
) -> tuple[Target, ...]:
    """Return the targets of the settings; raises ConfigurationError where one is wrong."""
    services = (
        AppriseTarget(url.get_secret_value(), number=number, run_blocking=run_blocking)
        for number, url in enumerate(settings.notify, start=1)
    )
    webhooks = (
        Webhook(
            webhook.url, webhook.secret.get_secret_value(), number=number, clock=clock, client=create_client
        )
        for number, webhook in enumerate(settings.webhooks, start=1)
    )
    return (*services, *webhooks)


def build_notifier(
    settings: Settings,
    *,
    garage: Garage,
    accounts: Callable[[], Iterable[AccountStatus]],
    state_file: StateFile,
    clock: Callable[[], float],
    run_blocking: RunBlocking,
    create_client: Callable[[], httpx2.AsyncClient],
) -> Notifier:
    """Return the output that sends messages; raises ConfigurationError where a target is wrong."""
    chosen = settings.notifications
    return Notifier(
        garage=garage,
        accounts=accounts,
        targets=build_targets(settings, clock=clock, run_blocking=run_blocking, create_client=create_client),
        choice=Choice(
            severity=Severity(chosen.severity),
            events=frozenset(EVENTS[event] for event in chosen.events),
            vin=chosen.vin,
            position=chosen.position,
            schedule=Schedule(
                quiet=chosen.quiet_hours,
                digest=chosen.digest,
                zone=ZoneInfo(chosen.time_zone) if chosen.time_zone else None,
            ),
        ),
        state_file=state_file,
        clock=clock,
        run_blocking=run_blocking,
    )
