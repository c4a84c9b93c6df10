"""All alerts, by group, in the order in which Prometheus evaluates them."""

from volvo_exporter.catalogue.alerts.data import DATA
from volvo_exporter.catalogue.alerts.energy import ENERGY
from volvo_exporter.catalogue.alerts.exporter import EXPORTER
from volvo_exporter.catalogue.alerts.maintenance import MAINTENANCE
from volvo_exporter.catalogue.alerts.parked import PARKED

GROUPS = (PARKED, ENERGY, MAINTENANCE, DATA, EXPORTER)
ALERTS = tuple(alert for group in GROUPS for alert in group.alerts)
