import pytest

from volvo_exporter.simulator import WEATHER_KEY
from volvo_exporter.simulator.weather import celsius

POSITION = {"lat": "57.7", "lon": "11.97", "appid": WEATHER_KEY}
JULY_NOON, JANUARY_NIGHT = 1784545200.0, 1768446000.0


async def temperature(client, **changes):
    answered = await client.get("/data/2.5/weather", params=POSITION | changes)
    return answered.json()["main"]["temp"]


async def test_temperature_is_in_kelvin_unless_requested_otherwise(anonymous):
    kelvin = await temperature(anonymous)
    metric = await temperature(anonymous, units="metric")
    imperial = await temperature(anonymous, units="imperial")
    assert kelvin == pytest.approx(metric + 273.15, abs=0.02)
    assert imperial == pytest.approx(metric * 1.8 + 32, abs=0.02)


async def test_weather_has_the_values_that_the_exporter_reads(anonymous, wall):
    body = (await anonymous.get("/data/2.5/weather", params=POSITION | {"units": "metric"})).json()
    main = body["main"]
    assert main["temp_min"] <= main["temp"] <= main["temp_max"]
    assert 980 <= main["pressure"] <= 1050
    assert 0 <= main["humidity"] <= 100
    assert wall.now - 600 < body["dt"] <= wall.now


async def test_invalid_key_is_refused(anonymous):
    answered = await anonymous.get("/data/2.5/weather", params=POSITION | {"appid": "wrong"})
    assert answered.status_code == 401
    assert answered.json()["cod"] == 401
    assert answered.json()["message"].startswith("Invalid API key")


@pytest.mark.parametrize("change", [{"lat": "91"}, {"lat": "north"}, {"lon": "181"}, {"lat": "nan"}])
async def test_invalid_position_is_refused(anonymous, change):
    assert (await anonymous.get("/data/2.5/weather", params=POSITION | change)).status_code == 400


async def test_only_get_is_simulated(anonymous):
    assert (await anonymous.post("/data/2.5/weather", params=POSITION)).status_code == 405


def test_summer_is_warmer_than_winter_and_day_than_night():
    assert celsius(57.7, 12.0, JULY_NOON) > celsius(57.7, 12.0, JANUARY_NIGHT) + 10
    assert celsius(57.7, 12.0, JULY_NOON) > celsius(57.7, 12.0, JULY_NOON - 10 * 3600) + 3
    assert celsius(-40.0, 0.0, JULY_NOON) < celsius(40.0, 0.0, JULY_NOON)
