"""The parts side by side."""

import time
from random import Random

import anyio
import httpx2
import pytest

from installation import a_parked_world, some_settings, write_token
from volvo_exporter import catalogue
from volvo_exporter.assembly import INDISPENSABLE, Surroundings, build, enabled_resources
from volvo_exporter.catalogue import weather
from volvo_exporter.supervisor import serve
from volvo_exporter.volvo.errors import ConfigurationError


class BrokenTransport(httpx2.AsyncBaseTransport):
    """Fails in a way that nobody foresaw."""

    async def handle_async_request(self, _request):
        message = "nobody foresaw this"
        raise RuntimeError(message)


def some_surroundings(**more: object) -> Surroundings:
    defaults = {
        "clock": time.time,
        "monotonic": time.monotonic,
        "chance": Random(1),
        "token_urlsafe": lambda size: "x" * size,
    }
    return Surroundings(**{**defaults, **more})


def test_a_poller_that_dies_takes_the_process_down(tmp_path):
    write_token(a_parked_world(), tmp_path / "token.json")
    settings = some_settings(tmp_path / "token.json", exporter_listen_port=0)

    async def serve_for_a_while() -> None:
        with anyio.fail_after(10):
            await serve(settings, some_surroundings(transport=BrokenTransport()))

    with pytest.raises(ExceptionGroup) as caught:
        anyio.run(serve_for_a_while)
    assert caught.group_contains(RuntimeError, match="nobody foresaw this")


def a_login(tmp_path, **more: object):
    settings = some_settings(tmp_path / "token.json", **more)
    return settings, settings.logins[0]


def test_by_default_everything_alive_is_asked(tmp_path):
    expected = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)

    assert enabled_resources(*a_login(tmp_path)) == expected


def test_without_a_weather_key_the_weather_is_not_asked(tmp_path):
    assert weather.WEATHER not in enabled_resources(*a_login(tmp_path, weather_api_key=None))


def test_a_disabled_resource_is_neither_asked_nor_in_the_scopes(tmp_path):
    resources = enabled_resources(*a_login(tmp_path, disabled_resources=["location"]))

    assert "location:read" not in catalogue.scopes(resources)
    assert "location" not in {resource.name for resource in resources}


def test_a_scope_setting_narrows_what_is_asked_and_never_widens_it(tmp_path):
    scope = "openid conve:vehicle_relation conve:odometer_status conve:unlock exve:odometer_status"
    resources = enabled_resources(*a_login(tmp_path, scope=scope, weather_api_key=None))

    assert {resource.name for resource in resources} == {"vehicles", "details", "odometer"}
    assert set(catalogue.scopes(resources)) == {"openid", "conve:vehicle_relation", "conve:odometer_status"}


def test_an_unknown_resource_or_label_names_what_there_is(tmp_path):
    with pytest.raises(ConfigurationError, match=r"doorz.*doors"):
        enabled_resources(*a_login(tmp_path, disabled_resources=["doorz"]))
    with pytest.raises(ConfigurationError, match=r"no color.*colour"):
        build(some_settings(tmp_path / "token.json", vehicle_labels=["color"]), some_surroundings())


@pytest.mark.parametrize("host", ["https://volvo.example.com", "volvo.example.com:9100", "[::1]"])
def test_an_allowed_host_with_scheme_or_port_is_refused(tmp_path, host):
    with pytest.raises(ConfigurationError, match="allowed_hosts: must be host names without scheme"):
        build(some_settings(tmp_path / "token.json", allowed_hosts=[host]), some_surroundings())


def test_the_list_of_cars_and_their_details_cannot_be_switched_off(tmp_path):
    with pytest.raises(ConfigurationError, match="vehicles"):
        enabled_resources(*a_login(tmp_path, disabled_resources=["vehicles"]))
    assert enabled_resources(*a_login(tmp_path, scope="openid", weather_api_key=None)) == INDISPENSABLE
