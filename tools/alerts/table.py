"""All alerts, by group, in the order in which Prometheus evaluates them."""

from tools.alerts.data import DATA
from tools.alerts.energy import ENERGY
from tools.alerts.exporter import EXPORTER
from tools.alerts.maintenance import MAINTENANCE
from tools.alerts.parked import PARKED

GROUPS = (PARKED, ENERGY, MAINTENANCE, DATA, EXPORTER)
ALERTS = tuple(alert for group in GROUPS for alert in group.alerts)
