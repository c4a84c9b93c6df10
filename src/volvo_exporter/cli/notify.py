"""`volvo-exporter notify`: try the targets of messages."""

import sys
from pathlib import Path

import click
import httpx2

from volvo_exporter.cli.running import config_option, read_settings, run_until_stopped
from volvo_exporter.environment import Environment
from volvo_exporter.volvo.errors import ConfigurationError


@click.group()
def notify() -> None:
    """Send messages to the targets of `notify` and `webhooks`."""


@notify.command("test")
@config_option
def send_test(config: Path) -> None:
    """Send a test message to each target; the exit code is 1 if one fails."""
    # Imported by this command alone.
    from volvo_exporter.notify.building import build_targets  # noqa: PLC0415
    from volvo_exporter.notify.messages import Message, identity  # noqa: PLC0415

    settings, environment = read_settings(config), Environment.of_this_machine()
    failed = False

    async def send_all() -> None:
        nonlocal failed
        targets = build_targets(
            settings,
            clock=environment.clock,
            run_blocking=environment.run_blocking,
            create_client=lambda: httpx2.AsyncClient(trust_env=False),
        )
        if not targets:
            fix = "notify: has no target; add a URL such as ntfy://topic to notify, or a webhook"
            raise ConfigurationError(fix)
        now = environment.clock()
        message = Message(
            id=identity("test", f"{now}"),
            kind="test",
            name="",
            severity="info",
            car="",
            title="Test of volvo-exporter",
            text="Messages about your cars will arrive here.",
            at=now,
        )
        for target in targets:
            reason = await target.send(message)
            failed = failed or bool(reason)
            click.echo(f"{'ERROR' if reason else 'ok   '}  {target.name}{f': {reason}' if reason else ''}")

    run_until_stopped(send_all)
    sys.exit(1 if failed else 0)
