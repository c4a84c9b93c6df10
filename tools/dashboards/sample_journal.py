"""Metrics of the journal, derived from the odometer, charge and fuel of a simulated history.

Simpler than the journal of the exporter, and for tests of the dashboards only.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j

SAMPLE = re.compile(r'(\w+)\{(.*?vin="([^"]+)".*)\} (\S+) (\d+)')
TARGET = re.compile(r'(?:job|instance)="[^"]*"')
SETTLED = 600
"""Seconds without a change after which an event has ended."""

MAX_AC_WATTS = 22_000
AC, DC = 'type="ac"', 'type="dc"'
SUMS = (
    *((family.name, "") for family in (j.DRIVES, j.DRIVEN, j.REFUELS, j.REFUELED)),
    *((family.name, kind) for family in (j.CHARGES, j.CHARGED_ENERGY) for kind in (AC, DC)),
)
"""Sums that are 0 before the first event, with their labels."""

REFUEL = 5
"""Smallest rise of the fuel in litres that is a refuelling."""


@dataclass(slots=True, kw_only=True)
class Car:
    """Values of a car by time, and the labels of its target."""

    labels: str
    values: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def capacity(self) -> float:
        """Return the capacity of the battery in joules, 0 without one."""
        return max(self.values[f.BATTERY_CAPACITY.name].values(), default=0)


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Sums of events, and the last event of each kind, by metric and labels."""

    now: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, name: str, amount: float, labels: str = "") -> None:
        """Add to a sum."""
        self.now[name, labels] = self.now.get((name, labels), 0) + amount

    def set(self, name: str, value: float, labels: str = "") -> None:
        """Replace a value."""
        self.now[name, labels] = value


def read_cars(lines: Iterable[str]) -> dict[str, Car]:
    """Return the values of each car by VIN."""
    names = {f.ODOMETER.name, f.BATTERY_CHARGE.name, f.FUEL_AMOUNT.name, f.BATTERY_CAPACITY.name}
    charging = f.CHARGING_STATUS.name
    cars: dict[str, Car] = {}
    for line in lines:
        if not line.startswith(
            ("volvo_odometer", "volvo_battery", "volvo_fuel", "volvo_vehicle_b", charging)
        ):
            continue
        if match := SAMPLE.match(line):
            name, labels, vin, number, time = match.groups()
            if name in names or (name == charging and 'state="charging"' in labels):
                car = cars.setdefault(vin, Car(labels=",".join([f'vin="{vin}"', *TARGET.findall(labels)])))
                car.values[name][int(time)] = float(number)
    return cars


def derive(car: Car) -> Iterator[tuple[int, dict[tuple[str, str], float]]]:
    """Yield each time with the metrics of the journal by name and further labels."""
    odometer, charging = car.values[f.ODOMETER.name], car.values[f.CHARGING_STATUS.name]
    fuel = car.values[f.FUEL_AMOUNT.name]
    ledger = Ledger(now=dict.fromkeys(SUMS, 0.0))
    drive: tuple[int, int] | None = None
    charge: tuple[int, int] | None = None
    for last, time in pairwise(sorted(odometer)):
        if odometer[time] > odometer[last]:
            drive = (drive[0] if drive else last, time)
        if drive and time - drive[1] >= SETTLED:
            add_drive(ledger, car, *drive)
            drive = None
        if charging.get(time) == 1:
            charge = (charge[0] if charge else last, time)
        elif charge and time - charge[1] >= SETTLED:
            add_charge(ledger, car, *charge)
            charge = None
        if (rise := fuel.get(time, 0) - fuel.get(last, 0)) >= REFUEL:
            ledger.add(j.REFUELS.name, 1)
            ledger.add(j.REFUELED.name, rise)
        yield time, dict(ledger.now)


def add_drive(ledger: Ledger, car: Car, begin: int, end: int) -> None:
    """Add a drive between two times."""
    odometer, charge, fuel = (
        car.values[family.name] for family in (f.ODOMETER, f.BATTERY_CHARGE, f.FUEL_AMOUNT)
    )
    distance = odometer[end] - odometer[begin]
    ledger.add(j.DRIVES.name, 1)
    ledger.add(j.DRIVEN.name, distance)
    ledger.set(j.LAST_DRIVE_END.name, end)
    ledger.set(j.LAST_DRIVE_DISTANCE.name, distance)
    ledger.set(j.LAST_DRIVE_DURATION.name, end - begin)
    if begin in charge and end in charge:
        ledger.set(j.LAST_DRIVE_ENERGY.name, max(charge[begin] - charge[end], 0) * car.capacity)
    if begin in fuel and end in fuel:
        ledger.set(j.LAST_DRIVE_FUEL.name, max(fuel[begin] - fuel[end], 0))


def add_charge(ledger: Ledger, car: Car, begin: int, end: int) -> None:
    """Add a charge between two times."""
    charge = car.values[f.BATTERY_CHARGE.name]
    first, last = charge.get(begin, 0.0), charge.get(end, 0.0)
    energy = max(last - first, 0) * car.capacity
    labels = DC if energy / (end - begin) > MAX_AC_WATTS else AC
    ledger.add(j.CHARGES.name, 1, labels)
    ledger.add(j.CHARGED_ENERGY.name, energy, labels)
    ledger.set(j.LAST_CHARGE_END.name, end, labels)
    ledger.set(j.LAST_CHARGE_DURATION.name, end - begin, labels)
    ledger.set(j.LAST_CHARGE_ENERGY.name, energy, labels)
    ledger.set(j.LAST_CHARGE_BEGIN.name, first, labels)
    ledger.set(j.LAST_CHARGE_RATIO.name, last, labels)


def journal_of(lines: Iterable[str]) -> Iterator[str]:
    """Yield the metrics of the journal of a history in OpenMetrics, as OpenMetrics."""
    for car in read_cars(lines).values():
        for time, values in derive(car):
            for (name, labels), value in values.items():
                yield f"{name}{{{','.join(filter(None, (car.labels, labels)))}}} {value} {time}\n"
    yield "# EOF\n"
