"""The parts side by side."""

import time
from dataclasses import replace
from random import Random

import anyio
import httpx2
import pytest

from tests.support.installation import a_parked_world, a_world, environment_of, some_settings, write_token
from volvo_exporter import catalogue
from volvo_exporter.assembly import build
from volvo_exporter.catalogue import weather
from volvo_exporter.environment import Environment
from volvo_exporter.supervisor import running, serve, start_parts
from volvo_exporter.volvo.errors import ConfigurationError


class BrokenTransport(httpx2.AsyncBaseTransport):
    """Raise an unexpected error."""

    async def handle_async_request(self, _request):
        message = "nobody foresaw this"
        raise RuntimeError(message)


def some_environment(**more: object) -> Environment:
    defaults = {
        "clock": time.time,
        "monotonic": time.monotonic,
        "chance": Random(1),
        "token_urlsafe": lambda size: "x" * size,
    }
    return Environment(**{**defaults, **more})


def test_a_poller_that_fails_ends_the_process(tmp_path):
    write_token(a_parked_world(), tmp_path / "token.json")
    settings = some_settings(tmp_path / "token.json", exporter_listen_port=0)

    async def serve_for_a_while() -> None:
        with anyio.fail_after(10):
            await serve(settings, some_environment(transport=BrokenTransport()))

    with pytest.raises(ExceptionGroup) as caught:
        anyio.run(serve_for_a_while)
    assert caught.group_contains(RuntimeError, match="nobody foresaw this")


class BrokenOutput:
    """Fails at the first update."""

    name = "broken"

    async def run(self, updates):
        async for _update in updates:
            message = "nobody foresaw this"
            raise RuntimeError(message)


async def test_an_output_that_fails_ends_the_process(tmp_path):
    world = a_world()
    write_token(world, tmp_path / "token.json")

    async def run_parts() -> None:
        async with running(some_settings(tmp_path / "token.json"), environment_of(world)) as exporter:
            broken = replace(exporter, outputs=((BrokenOutput(), exporter.outputs[0][1]),))
            async with anyio.create_task_group() as tasks:
                start_parts(broken, tasks)

    with anyio.fail_after(60), pytest.raises(ExceptionGroup) as caught:
        await run_parts()
    assert caught.group_contains(RuntimeError, match="nobody foresaw this")


def enabled_resources(tmp_path, **more: object):
    """Return the resources of the only account with these settings."""
    (account,) = build(some_settings(tmp_path / "token.json", **more), some_environment()).accounts
    return account.resources


def test_by_default_every_available_resource_is_requested(tmp_path):
    expected = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)

    assert enabled_resources(tmp_path) == expected


def test_without_a_weather_key_the_weather_is_not_requested(tmp_path):
    assert weather.WEATHER not in enabled_resources(tmp_path, weather_api_key=None)


def test_a_disabled_resource_is_neither_requested_nor_in_the_scopes(tmp_path):
    resources = enabled_resources(tmp_path, disabled_resources=["location"])

    assert "location:read" not in catalogue.scopes(resources)
    assert "location" not in {resource.name for resource in resources}


def test_a_scope_setting_only_removes_resources(tmp_path):
    scope = "openid conve:vehicle_relation conve:odometer_status conve:unlock exve:odometer_status"
    resources = enabled_resources(tmp_path, scope=scope, weather_api_key=None)

    assert {resource.name for resource in resources} == {"vehicles", "details", "odometer"}
    assert set(catalogue.scopes(resources)) == {"openid", "conve:vehicle_relation", "conve:odometer_status"}


def test_an_unknown_resource_or_label_is_reported_with_the_valid_ones(tmp_path):
    with pytest.raises(ConfigurationError, match=r"doorz.*doors"):
        enabled_resources(tmp_path, disabled_resources=["doorz"])
    with pytest.raises(ConfigurationError, match=r"unknown color.*colour"):
        build(some_settings(tmp_path / "token.json", vehicle_labels=["color"]), some_environment())


@pytest.mark.parametrize("host", ["https://volvo.example.com", "volvo.example.com:9100", "[::1]"])
def test_an_allowed_host_with_scheme_or_port_is_refused(tmp_path, host):
    with pytest.raises(ConfigurationError, match="allowed_hosts: must be host names without scheme"):
        build(some_settings(tmp_path / "token.json", allowed_hosts=[host]), some_environment())


def test_the_list_of_cars_and_their_details_cannot_be_disabled(tmp_path):
    with pytest.raises(ConfigurationError, match="vehicles"):
        enabled_resources(tmp_path, disabled_resources=["vehicles"])
    kept = enabled_resources(tmp_path, scope="openid", weather_api_key=None)
    assert [resource.name for resource in kept] == ["vehicles", "details"]
