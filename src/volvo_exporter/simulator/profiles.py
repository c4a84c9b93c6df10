"""Profiles of the simulated cars: model, equipment, and use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from volvo_exporter.catalogue import energy
from volvo_exporter.catalogue.parts import COMMANDS, TYRES

ENERGY_FIELDS = frozenset(item.key for item in energy.STATE.fields)
BEV_STATISTICS = frozenset(
    {
        "averageEnergyConsumption",
        "averageEnergyConsumptionAutomatic",
        "averageSpeed",
        "averageSpeedAutomatic",
        "tripMeterManual",
        "tripMeterAutomatic",
        "distanceToEmptyBattery",
    }
)
DIESEL_STATISTICS = frozenset(
    {
        "averageFuelConsumption",
        "averageSpeed",
        "averageSpeedAutomatic",
        "tripMeterManual",
        "tripMeterAutomatic",
        "distanceToEmptyTank",
    }
)
PHEV_STATISTICS = DIESEL_STATISTICS | {
    "averageEnergyConsumption",
    "averageFuelConsumptionAutomatic",
    "distanceToEmptyBattery",
}
TYRE_SENSORS = frozenset(key for key, _ in TYRES)
CLASSIC_LAMPS = frozenset({"hazardLightsWarning", "reverseLightsWarning"})
GOOGLE_LAMPS = frozenset({"sideMarkLightsWarning"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Destinations of a car."""

    home: Place
    work: Place
    shop: Place
    station: Place
    outing: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A fault of the car for some days, counted from the day on which the simulation starts."""

    values: Mapping[str, str]
    """Values during the incident by field key of doors, tyres, warnings, brakes, engine or diagnostics."""
    first: int
    until: int
    """The first day after the incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Use of the car. Hours are local time (UTC+1)."""

    leaves: float = 7.5
    returns: float = 16.5
    home_office: float = 0.2
    """Share of working days without a commute."""
    shops: float = 0.35
    """Share of days with a trip to the shop."""
    outings: float = 0.6
    """Share of weekend days with a longer trip."""
    plugs_in: bool = True
    charges_from: float | None = None
    """The hour at which a scheduled charge begins; None charges immediately."""
    target: int = 80
    """Percent at which charging stops."""
    away: tuple[tuple[int, int], ...] = ()
    """Ranges (first, until) of days on which the car is not used, counted like those of an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Model, equipment and use of a car."""

    vin: str
    model: str
    model_year: int
    fuel_type: str
    gearbox: str = "AUTOMATIC"
    colour: str | None = "Crystal White Pearl"
    upholstery: str | None = "R310"
    steering: str = "LEFT"
    classic: bool = False
    """True for Sensus (Volvo On Call), False for Google built-in."""
    places: Places
    habits: Habits = Habits()
    incidents: tuple[Incident, ...] = ()
    missing_sensors: frozenset[str] = frozenset()
    """Keys of sensors that the car does not have; their value is UNSPECIFIED."""
    statistics: frozenset[str] = BEV_STATISTICS
    """Keys of `/statistics` that the car reports."""
    commands: tuple[str, ...] = COMMANDS
    shares_location: bool = True
    live_location: bool = False
    """True if the position is reported while driving, not only at the end of a trip."""
    upload_lag: tuple[float, float] = (2.0, 45.0)
    """Minimum and maximum seconds from an event to its upload. An assumption, see `upload`."""
    reports_after_drive: frozenset[str] = frozenset()
    """Those of odometer, trips and range that the car uploads at the end of a drive, not during it."""

    battery_kwh: float | None = None
    """Gross capacity, as the API reports it."""
    usable_kwh: float = 0.0
    """Energy between 0 and 100 percent, less than the gross capacity; 0 without a traction battery."""
    standby_watts: float = 0.0
    """Power that the battery loses while the car is parked and not plugged in."""
    kwh_per_100km: float = 17.0
    ac_watts: float = 11_000.0
    dc_watts: float | None = None
    """Power of fast charging; None if the car does not support it."""
    charge: float = 0.7
    """State of charge on the first day, 0 to 1."""
    energy_fields: frozenset[str] | None = None
    """Keys that Energy's `/state` reports; None if Energy answers 404."""
    claimed_fields: frozenset[str] = frozenset()
    """Keys that `/capabilities` lists, which can differ from `/state` (home-assistant/core#167850)."""
    fault_when_done: bool = False
    """True if the charger reports FAULT when plugged in and done (home-assistant/core#150205)."""
    range_unit: str = "km"
    current_limit: int = 16

    tank_liters: float | None = None
    liters_per_100km: float = 6.5
    fuel: float = 0.6
    """Fill level of the tank on the first day, 0 to 1."""
    charge_in_fuel: bool = False
    """Whether `/fuel` reports the state of charge."""

    odometer_km: float = 12_000.0
    service_km: float = 18_000.0
    """Distance until the next service on the first day."""
    service_days: int = 400
    service_hours: float = 800.0

    @property
    def has_battery(self) -> bool:
        """Return whether the car has a traction battery."""
        return self.battery_kwh is not None


def _places_around(latitude: float, longitude: float, *, far: float = 0.45) -> Places:
    """Return the destinations of a car around a position; the outing is `far` degrees away."""

    def place(north: float, east: float) -> Place:
        return Place(latitude=round(latitude + north, 6), longitude=round(longitude + east, 6))

    return Places(
        home=place(0.0, 0.0),
        work=place(-0.09, 0.12),
        shop=place(0.025, 0.03),
        station=place(0.012, -0.018),
        outing=place(far, -far / 2),
    )


# Cars with Sensus upload odometer and statistics when they are switched off.
AFTER_DRIVE = frozenset({"odometer", "trips", "range"})
# Guides for owners (us.ok.com) name 2 to 5 % a month: 4 W are 4.5 % of 64 kWh, 1 W is 4.8 % of 15 kWh.
ELECTRIC_STANDBY, HYBRID_STANDBY = 4.0, 1.0

NO_ENGINE = tuple(command for command in COMMANDS if not command.startswith(("ENGINE", "SEND")))

EX30 = Profile(
    vin="YV1DEMEV0R2100001",
    model="EX30",
    model_year=2024,
    fuel_type="NONE",
    colour="Cloud Blue",
    places=_places_around(57.7089, 11.9746),
    habits=Habits(leaves=7.2, returns=16.2, target=90, charges_from=22.0),
    incidents=(
        Incident(values={"washerFluidLevelWarning": "TOO_LOW"}, first=1, until=4),
        Incident(values={"tailgate": "AJAR"}, first=3, until=4),
    ),
    missing_sensors=TYRE_SENSORS | CLASSIC_LAMPS | {"sunroof"},
    commands=NO_ENGINE,
    battery_kwh=69.0,
    usable_kwh=64.0,  # of 69 in the catalogue of runsten-app/runsten
    standby_watts=ELECTRIC_STANDBY,
    kwh_per_100km=17.5,
    dc_watts=150_000.0,
    energy_fields=ENERGY_FIELDS - {"chargingCurrentLimit"},
    claimed_fields=ENERGY_FIELDS - {"chargingCurrentLimit"},
    fault_when_done=True,
)
XC60 = Profile(
    vin="YV1DEMPH1N2200002",
    model="XC60",
    model_year=2022,
    fuel_type="PETROL/ELECTRIC",
    colour="Denim Blue",
    upholstery="RC0R",
    places=_places_around(59.3293, 18.0686),
    habits=Habits(leaves=7.8, returns=17.1, target=100, shops=0.5),
    incidents=(Incident(values={"brakeLightCenterWarning": "FAILURE"}, first=0, until=5),),
    missing_sensors=CLASSIC_LAMPS,
    statistics=PHEV_STATISTICS,
    commands=NO_ENGINE,
    battery_kwh=18.819,
    usable_kwh=14.9,  # of 18.8: evpulse.com, first look at the XC60 T8 of 2022
    standby_watts=HYBRID_STANDBY,
    kwh_per_100km=23.0,
    ac_watts=3_600.0,
    charge=0.9,
    energy_fields=ENERGY_FIELDS - {"chargingCurrentLimit", "chargingPower"},
    claimed_fields=ENERGY_FIELDS - {"chargingCurrentLimit"},
    tank_liters=71.0,
    liters_per_100km=7.9,
    charge_in_fuel=True,
    odometer_km=41_300.0,
    service_km=9_400.0,
    service_days=210,
)
S90 = Profile(
    vin="YV1DEMDS2J2300003",
    model="S90",
    model_year=2018,
    fuel_type="DIESEL",
    colour="Electric Silver",
    upholstery="null",
    places=_places_around(50.1109, 8.6821, far=0.6),
    habits=Habits(leaves=6.9, returns=15.9, outings=0.8, away=((8, 15),)),
    incidents=(Incident(values={"rearLeft": "LOW_PRESSURE"}, first=2, until=6),),
    classic=True,
    reports_after_drive=AFTER_DRIVE,
    missing_sensors=GOOGLE_LAMPS,
    statistics=DIESEL_STATISTICS,
    tank_liters=60.0,
    liters_per_100km=5.9,
    fuel=0.35,
    odometer_km=128_450.0,
    service_km=640.0,
    service_days=17,
    service_hours=31.0,
)
CLASSIC_PHEV = replace(
    XC60,
    vin="YV1DEMPC3L2400004",
    model_year=2020,
    colour="Bright Silver",
    upholstery="CHARCOAL/LEABR3/CHARC/SPO",
    classic=True,
    reports_after_drive=AFTER_DRIVE,
    missing_sensors=GOOGLE_LAMPS | {"sunroof"},
    commands=COMMANDS[:-1],
    statistics=DIESEL_STATISTICS | {"distanceToEmptyBattery"},
    battery_kwh=11.832,
    usable_kwh=9.1,  # of 11.6: gsmotorclub.com, first drive of the XC60 T8 of 2022
    energy_fields=frozenset({"chargerConnectionStatus", "chargingStatus", "targetBatteryChargeLevel"}),
    claimed_fields=frozenset({"chargerConnectionStatus", "chargingStatus", "targetBatteryChargeLevel"}),
    incidents=(),
)
"""An XC60 T8 of 2020 with Sensus: three energy fields, state of charge only in `/fuel`. Not in FLEET."""
EX40 = replace(
    EX30,
    vin="YV1DEMEX4S2500005",
    model="EX40",
    model_year=2025,
    fuel_type="ELECTRIC",
    colour="Vapour Grey",
    battery_kwh=81.608,
    usable_kwh=78.5,  # the share of the XC40 of 2020, 75 of 78 (gaadiwaadi.com), of the larger battery
    kwh_per_100km=19.0,
    energy_fields=ENERGY_FIELDS,
    claimed_fields=ENERGY_FIELDS,
    fault_when_done=False,
    missing_sensors=TYRE_SENSORS | CLASSIC_LAMPS,
    incidents=(),
)
"""An electric car that reports all ten energy fields. Not in FLEET."""

FLEET: tuple[Profile, ...] = (EX30, XC60, S90)
"""The three cars of the demo: electric, plug-in hybrid, diesel."""

_VARIED_PROFILES: Sequence[Profile] = (EX30, EX40, XC60, CLASSIC_PHEV, S90)
_COLOURS = ("Onyx Black", "Vapour Grey", "Crystal White", "Fusion Red", "Sage Green")


def make_fleet(count: int, seed: int = 1) -> tuple[Profile, ...]:
    """Return `count` varied cars with distinct VINs, the same for the same seed."""
    random = Random(f"fleet:{seed}")  # noqa: S311 - reproducible, not secret
    return tuple(
        _vary(_VARIED_PROFILES[number % len(_VARIED_PROFILES)], number, random) for number in range(count)
    )


def _vary(profile: Profile, number: int, random: Random) -> Profile:
    year = profile.model_year + random.choice((-1, 0, 0, 1))
    return replace(
        profile,
        vin=f"{profile.vin[:9]}T3{number:06d}",
        model_year=year,
        colour=random.choice(_COLOURS),
        places=_places_around(
            random.uniform(46.0, 60.0), random.uniform(2.0, 18.0), far=random.uniform(0.2, 0.5)
        ),
        habits=replace(
            profile.habits,
            leaves=random.uniform(6.0, 9.0),
            returns=random.uniform(15.0, 18.5),
            home_office=random.uniform(0.0, 0.5),
            away=((0, 10),) if random.random() < 0.05 else (),  # noqa: PLR2004 - one car in twenty
        ),
        incidents=profile.incidents if random.random() < 0.2 else (),  # noqa: PLR2004 - one car in five
        charge=random.uniform(0.3, 0.8),
        fuel=random.uniform(0.3, 0.95),
        odometer_km=random.uniform(500.0, 180_000.0),
        service_km=random.uniform(3_000.0, 28_000.0),
        service_days=random.randint(60, 600),
    )
