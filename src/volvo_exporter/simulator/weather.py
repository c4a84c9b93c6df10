"""OpenWeatherMap's current weather: warmer at noon and in summer, colder towards the poles. Pure."""

from math import cos, pi

from volvo_exporter.simulator.answer import Answer, Json, json_answer
from volvo_exporter.simulator.options import DAY

YEAR = 365.25 * DAY
KELVIN = 273.15
INVALID_KEY = json_answer(
    401,
    {
        "cod": 401,
        "message": "Invalid API key. Please see https://openweathermap.org/faq#error401 for more info.",
    },
)
WRONG_LATITUDE = json_answer(400, {"cod": "400", "message": "wrong latitude"})
WRONG_LONGITUDE = json_answer(400, {"cod": "400", "message": "wrong longitude"})


def celsius(latitude: float, longitude: float, time: float) -> float:
    """Return the air temperature: a mean by latitude, a wave over the year and another over the day."""
    mean = 27.0 - 0.35 * abs(latitude)
    season = -cos(2 * pi * (time % YEAR) / YEAR - 2 * pi * 15 / 365) * (1 if latitude >= 0 else -1)
    solar = (time + longitude / 360 * DAY) % DAY / DAY
    daily = -cos(2 * pi * (solar - 3 / 24))
    weather = cos(time / (3.7 * DAY) + latitude) * 2.5
    return mean + season * 0.17 * abs(latitude) + daily * 4.0 + weather


def current(latitude: str, longitude: str, *, units: str | None, time: float) -> Answer:
    """Return the weather at a position (degrees) and time; in K unless `units` is metric or imperial."""
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        return WRONG_LATITUDE
    if not -90 <= north <= 90:  # noqa: PLR2004 - degrees
        return WRONG_LATITUDE
    if not -180 <= east <= 180:  # noqa: PLR2004 - degrees
        return WRONG_LONGITUDE
    degrees = celsius(north, east, time)

    def convert(value: float) -> float:
        match units:
            case "metric":
                return round(value, 2)
            case "imperial":
                return round(value * 9 / 5 + 32, 2)
            case _:
                return round(value + KELVIN, 2)

    main: dict[str, Json] = {
        "temp": convert(degrees),
        "feels_like": convert(degrees - 1.8),
        "temp_min": convert(degrees - 0.9),
        "temp_max": convert(degrees + 0.7),
        "pressure": 1013 + round(cos(time / (2.9 * DAY)) * 14),
        "humidity": 70 + round(cos(time / (1.3 * DAY) + north) * 20),
    }
    return json_answer(
        200,
        {
            "coord": {"lon": east, "lat": north},
            "weather": [{"id": 803, "main": "Clouds", "description": "broken clouds", "icon": "04d"}],
            "base": "stations",
            "main": main,
            "visibility": 10000,
            "wind": {"speed": 4.1, "deg": 230},
            "clouds": {"all": 75},
            # Weather is observed every ten minutes.
            "dt": int(time // 600 * 600),
            "timezone": 3600,
            "id": 0,
            "name": "Simulated",
            "cod": 200,
        },
    )
