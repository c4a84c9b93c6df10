"""Build the optional outputs that are on; what is off is not imported."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import httpx2

from volvo_exporter.catalogue.model import Key
from volvo_exporter.environment import Environment
from volvo_exporter.polling.state_file import StateFile
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.settings import Settings
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Output
from volvo_exporter.volvo.errors import ConfigurationError


def build_outputs(
    settings: Settings,
    environment: Environment,
    *,
    garage: Garage,
    accounts: Callable[[], Iterable[AccountStatus]],
    parts: Callable[[], Iterable[bytes]],
    figures: Callable[[str], Mapping[Key, float]],
    state_file: StateFile,
) -> tuple[Output, ...]:
    """Return the outputs of the settings; raises ConfigurationError where a setting or a library is missing.

    Args:
        settings: The settings.
        environment: The machine.
        garage: The vehicles.
        accounts: Returns the status of each account.
        parts: Returns the exposition of `/metrics` in parts.
        figures: Returns the journal's sums and latest figures of a vehicle.
        state_file: Stores what an output needs after a restart.
    """
    return (
        *_build_mqtt(
            settings, environment, garage=garage, accounts=accounts, figures=figures, state_file=state_file
        ),
        *_build_remote_writes(settings, environment, parts),
        *_build_abrp(settings, environment, garage),
        *_build_notifier(settings, environment, garage, accounts, state_file),
    )


def _create_client(environment: Environment) -> httpx2.AsyncClient:
    """Return a client; as for Volvo's cloud, proxies named in the environment are not used."""
    return httpx2.AsyncClient(transport=environment.transport, trust_env=False)


def _build_mqtt(
    settings: Settings,
    environment: Environment,
    *,
    garage: Garage,
    accounts: Callable[[], Iterable[AccountStatus]],
    figures: Callable[[str], Mapping[Key, float]],
    state_file: StateFile,
) -> tuple[Output, ...]:
    """Return the output to the MQTT broker; raises ConfigurationError where a setting is wrong."""
    if settings.mqtt is None:
        return ()
    from volvo_exporter.mqtt.building import build_mqtt  # noqa: PLC0415

    return (
        build_mqtt(
            settings.mqtt,
            garage=garage,
            accounts=accounts,
            figures=figures,
            state_file=state_file,
            position=settings.privacy.position,
            masked=settings.privacy.vin == "masked",
            has_journal=settings.journal == "on",
            clock=environment.clock,
            run_blocking=environment.run_blocking,
        ),
    )


def _build_notifier(
    settings: Settings,
    environment: Environment,
    garage: Garage,
    accounts: Callable[[], Iterable[AccountStatus]],
    state_file: StateFile,
) -> tuple[Output, ...]:
    """Return the output that sends messages; raises ConfigurationError where a target is wrong."""
    if not (settings.notify or settings.webhooks):
        return ()
    from volvo_exporter.notify.building import build_notifier  # noqa: PLC0415

    return (
        build_notifier(
            settings,
            garage=garage,
            accounts=accounts,
            state_file=state_file,
            clock=environment.clock,
            run_blocking=environment.run_blocking,
            create_client=partial(_create_client, environment),
        ),
    )


def _build_remote_writes(
    settings: Settings, environment: Environment, parts: Callable[[], Iterable[bytes]]
) -> tuple[Output, ...]:
    """Return an output for each receiver of remote write; raises ConfigurationError without its libraries."""
    if not settings.remote_write:
        return ()
    try:
        from volvo_exporter.prometheus.remote_write.encoding import build_encoder  # noqa: PLC0415
    except ImportError as error:
        message = (
            f"remote_write: needs the library {error.name}; "
            "install it with `pip install 'volvo-vehicle-exporter[remote-write]'`"
        )
        raise ConfigurationError(message) from None
    from volvo_exporter.prometheus.remote_write.output import Receiver, RemoteWrite  # noqa: PLC0415
    from volvo_exporter.prometheus.remote_write.series import SeriesReader  # noqa: PLC0415

    encode = build_encoder()
    instance = f"{environment.hostname}:{settings.exporter_listen_port}"
    return tuple(
        RemoteWrite(
            Receiver(
                url=receiver.url,
                headers=receiver.all_headers(),
                auth=httpx2.BasicAuth(receiver.username, receiver.password.get_secret_value())
                if receiver.username
                else httpx2.Auth(),  # adds nothing
            ),
            parts=parts,
            reader=SeriesReader({"job": "volvo", "instance": instance, **receiver.labels}),
            encode=encode,
            interval=receiver.interval,
            clock=environment.clock,
            create_client=partial(_create_client, environment),
        )
        for receiver in settings.remote_write
    )


def _build_abrp(settings: Settings, environment: Environment, garage: Garage) -> tuple[Output, ...]:
    """Return the output for A Better Routeplanner where it is on."""
    if not settings.abrp:
        return ()
    from volvo_exporter.abrp.output import build  # noqa: PLC0415

    return (
        build(
            settings.abrp,
            garage=garage,
            with_position=settings.privacy.position == "full",
            clock=environment.clock,
            create_client=partial(_create_client, environment),
        ),
    )
