"""Build the output from the settings."""

from collections.abc import Callable, Iterable, Mapping

from volvo_exporter import __version__
from volvo_exporter.catalogue.entities import BY_ID
from volvo_exporter.catalogue.entities.events import JOURNAL
from volvo_exporter.catalogue.entities.vehicle import POSITION
from volvo_exporter.catalogue.model import Key
from volvo_exporter.journal.library import RunBlocking
from volvo_exporter.mqtt.broker import PahoBroker, read_address
from volvo_exporter.mqtt.output import Mqtt, Naming, Removal
from volvo_exporter.mqtt.published import PublishedFile
from volvo_exporter.polling.state_file import StateFile
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.settings.mqtt import Mqtt as MqttSettings
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Output
from volvo_exporter.volvo.errors import ConfigurationError


def build_mqtt(
    settings: MqttSettings,
    *,
    garage: Garage,
    accounts: Callable[[], Iterable[AccountStatus]],
    figures: Callable[[str], Mapping[Key, float]],
    state_file: StateFile,
    position: str,
    masked: bool,
    has_journal: bool,
    clock: Callable[[], float],
    run_blocking: RunBlocking,
) -> Output:
    """Return the output; raises ConfigurationError for an unknown entity or an unreadable certificate."""
    if unknown := sorted(set(settings.disabled_entities) - BY_ID.keys()):
        message = (
            f"mqtt.disabled_entities: unknown {', '.join(unknown)}; "
            "use ids such as direction: the last part of a topic"
        )
        raise ConfigurationError(message)
    if settings.vin_in_topics and masked:
        message = "mqtt.vin_in_topics: must be false with privacy.vin: masked; remove one of them"
        raise ConfigurationError(message)
    naming = Naming(
        prefix=settings.topic_prefix,
        discovery=settings.discovery_prefix,
        vin_in_topics=settings.vin_in_topics,
    )
    address = read_address(
        settings.url,
        username=settings.username,
        password=settings.password.get_secret_value(),
        ca_file=settings.ca_file,
    )
    try:
        broker = PahoBroker(
            address, status_topic=naming.status, birth_topic=f"{settings.discovery_prefix}/status"
        )
    except (OSError, ValueError):
        message = "mqtt.ca_file: cannot be read; it must hold certificates in PEM format"
        raise ConfigurationError(message) from None
    published = PublishedFile(state_file)
    if settings.publish == "off":
        return Removal(broker=broker, naming=naming, published=published, run_blocking=run_blocking)
    return Mqtt(
        broker=broker,
        naming=naming,
        garage=garage,
        accounts=accounts,
        figures=figures,
        published=published,
        disabled=frozenset(
            {
                *settings.disabled_entities,
                *(POSITION if position == "off" else ()),
                *((entity.id for entity in JOURNAL) if not has_journal else ()),
            }
        ),
        rounded=position == "rounded",
        version=__version__,
        clock=clock,
        run_blocking=run_blocking,
    )
