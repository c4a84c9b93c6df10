"""The settings: read from config.yaml, the environment and secret files, and validated.

Imports `fields`, `ownership` and `problems` only. Values that depend on the
catalogue (labels, resources) are validated in `assembly` and `account`.
"""

from volvo_exporter.settings.abrp import Abrp
from volvo_exporter.settings.accounts import PORTAL, REQUIRED, AccountFields, AccountSettings
from volvo_exporter.settings.exporter import Settings
from volvo_exporter.settings.file import load
from volvo_exporter.settings.mqtt import Mqtt
from volvo_exporter.settings.notifications import Notifications, Webhook
from volvo_exporter.settings.privacy import Privacy
from volvo_exporter.settings.remote_write import RemoteWrite
from volvo_exporter.settings.sections import Section

__all__ = [
    "PORTAL",
    "REQUIRED",
    "Abrp",
    "AccountFields",
    "AccountSettings",
    "Mqtt",
    "Notifications",
    "Privacy",
    "RemoteWrite",
    "Section",
    "Settings",
    "Webhook",
    "load",
]
