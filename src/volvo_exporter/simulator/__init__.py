"""Simulator of Volvo's cloud: Volvo ID, the APIs, weather, cars that drive and charge, faults on demand."""

from volvo_exporter.simulator.app import create_app
from volvo_exporter.simulator.car import Car
from volvo_exporter.simulator.clock import Clock, SimulatedClock, latest_time
from volvo_exporter.simulator.consent import approve, query_of
from volvo_exporter.simulator.faults import KINDS, Fault, Faults
from volvo_exporter.simulator.options import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    WEATHER_KEY,
    Era,
    Options,
)
from volvo_exporter.simulator.profiles import (
    CLASSIC_PHEV,
    EX30,
    EX40,
    FLEET,
    S90,
    XC60,
    Habits,
    Incident,
    Place,
    Places,
    Profile,
    make_fleet,
)
from volvo_exporter.simulator.state import CarState
from volvo_exporter.simulator.world import Call, World

__all__ = [
    "API_KEY",
    "CLASSIC_PHEV",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "EX30",
    "EX40",
    "FLEET",
    "KINDS",
    "REDIRECT_URI",
    "S90",
    "WEATHER_KEY",
    "XC60",
    "Call",
    "Car",
    "CarState",
    "Clock",
    "Era",
    "Fault",
    "Faults",
    "Habits",
    "Incident",
    "Options",
    "Place",
    "Places",
    "Profile",
    "SimulatedClock",
    "World",
    "approve",
    "create_app",
    "latest_time",
    "make_fleet",
    "query_of",
]
