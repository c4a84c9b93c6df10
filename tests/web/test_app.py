import gzip
import json

import anyio
import httpx2
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from tests.support.car_files import load
from tests.support.reading import MEASURED
from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.log import Line
from volvo_exporter.login.browser import BrowserLogins
from volvo_exporter.login.callback import Callback
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.status import (
    AccountReport,
    AccountStatus,
    LastError,
    LoginStatus,
    QuotaStatus,
    SlotStatus,
    VehicleStatus,
)
from volvo_exporter.polling.stretch import Stretch
from volvo_exporter.prometheus.metrics import VehicleMetrics
from volvo_exporter.prometheus.telemetry import Telemetry
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.reader import read
from volvo_exporter.web.app import PAGES, PageContext, create_app
from volvo_exporter.web.scrape import PIECE_BYTES
from volvo_exporter.web.trace import Traces

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
VIN = "YV1TESTCAR0000000"
REPORT = AccountReport(
    status=AccountStatus(
        account="default",
        login=LoginStatus(required=False, token_expiry=None, grant_expiry=None),
        quota=QuotaStatus(
            limit=100,
            used=7,
            remaining=93,
            resets=MEASURED + 3600,
            forecast=50,
            stretch=Stretch(slow=1.5),
            requests_in_the_last_minute=2,
        ),
        waiting=None,
        last_success=MEASURED,
        lacks_vehicles=False,
        lag=0.0,
    ),
    vehicles=(VehicleStatus(vin=VIN, activity=Activity.PARKED, watched_until=None),),
    slots=(
        SlotStatus(
            vin=VIN,
            resource="doors",
            item="",
            outcome=Outcome.TRANSIENT,
            interval=300.0,
            next_due=MEASURED + 120,
            is_postponed=False,
            last_success=MEASURED,
            failures=1,
            last_error=LastError(at=MEASURED + 30, message="doors: no answer"),
        ),
    ),
)
ACCOUNTS = [
    {
        "account": "default",
        "waiting": None,
        "login": {"required": False, "token_expires": None, "grant_expires": None},
        "quota": {
            "limit": 100,
            "used": 7,
            "remaining": 93,
            "resets": MEASURED + 3600,
            "forecast": 50,
            "stretch": {"live": 1.0, "usual": 1.0, "slow": 1.5},
            "requests_in_the_last_minute": 2,
        },
        "vehicles": [{"vin": VIN, "activity": "parked", "looking_closely_until": None}],
        "resources": [
            {
                "vin": VIN,
                "resource": "doors",
                "item": None,
                "state": "failing",
                "interval": 300.0,
                "next": MEASURED + 120,
                "resting": False,
                "last_success": MEASURED,
                "failures_in_a_row": 1,
                "last_error": {"at": MEASURED + 30, "message": "doors: no answer"},
            }
        ],
    }
]
"""The same report in the JSON of the status."""


def no_logins():
    return BrowserLogins(
        accounts=dict,
        id_url="https://id.test",
        begin=lambda *_: None,
        finish=lambda *_: None,
        clock=lambda: MEASURED,
        token_urlsafe=lambda size: "n" * size,
    )


def client(*, missing="", cars=1, callback=None):
    garage = Garage()
    for number in range(cars):
        vin = f"YV1TESTCAR{number:07}"
        garage.add(vin, account="default")
        for resource in catalogue.RESOURCES:
            if resource.name in ("details", "doors"):
                document = load("xc60_2020", resource.name)
                garage.take(vin, resource, read(resource, document, now=MEASURED))
                garage[vin].vehicle.note(resource, up=True, now=MEASURED)
    metrics = VehicleMetrics(garage)
    metrics.render_all()
    views = PageContext(
        garage=garage,
        metrics=metrics,
        traces=Traces(garage),
        telemetry=Telemetry(version="1.2.3"),
        version="1.2.3",
        reports=lambda: [REPORT] if cars else [],
        missing=lambda: missing,
        callback=callback or Callback(),
        logins=no_logins(),
        clock=lambda: MEASURED + 60,
        token_urlsafe=lambda size: "n" * size,
        warnings=lambda: [Line(at=MEASURED, level="warning", text="something odd")],
    )
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=create_app(views)),
        base_url="http://localhost",
        headers={"accept-encoding": "identity"},
    )


async def get(path, *, headers=None, **options):
    async with client(**options) as http:
        return await http.get(path, headers=headers)


async def test_prometheus_gets_openmetrics():
    response = await get("/metrics", headers={"accept": PROMETHEUS})
    assert response.status_code == 200
    kind, *parameters = response.headers["content-type"].split("; ")
    assert (kind, parameters[:2]) == ("application/openmetrics-text", ["version=1.0.0", "charset=utf-8"])
    assert response.text.endswith("# EOF\n")
    names = [metric.name for metric in parse_openmetrics(response.text)]
    assert {"volvo_vehicle_info", "volvo_door_open", "volvo_exporter_build_info"} <= set(names)


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "text/plain;version=0.0.4", "text/html"])
async def test_other_clients_get_the_text_format(accept):
    response = await get("/metrics", headers={"accept": accept})
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# EOF" not in response.text
    names = [metric.name for metric in parse_text(response.text)]
    assert {"volvo_vehicle_info", "volvo_door_open", "volvo_exporter_build_info"} <= set(names)


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text;version=nonsense",
        "text/plain;version=",
        "application/openmetrics-text;version=1.0.0;escaping=odd",
        ";;,,q=",
        "\x80",
        "",
    ],
    ids=repr,
)
async def test_an_invalid_accept_header_gets_the_text_format(accept):
    response = await get("/metrics", headers={"accept": accept.encode("latin-1")})
    assert response.status_code == 200
    assert "volvo_vehicle_info" in response.text


async def test_metrics_are_compressed_if_the_client_accepts_it():
    async with client(cars=5) as http:
        plain = await http.get("/metrics")
        async with http.stream("GET", "/metrics", headers={"accept-encoding": "gzip"}) as response:
            raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert "content-encoding" not in plain.headers
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 10


async def test_a_long_scrape_is_sent_in_pieces_that_make_the_same_text():
    async with client(cars=200) as http:
        plain = await http.get("/metrics")
        compressed = await http.get("/metrics", headers={"accept-encoding": "gzip"})
    assert len(plain.content) > 2 * PIECE_BYTES
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.content == plain.content
    assert int(plain.headers["content-length"]) == len(plain.content)
    assert len([metric for metric in parse_text(plain.text) if metric.name == "volvo_vehicle_info"]) == 1


async def test_metrics_without_a_car_are_those_of_the_exporter():
    response = await get("/metrics", cars=0)
    names = [metric.name for metric in parse_text(response.text)]
    assert "volvo_exporter_build_info" in names
    assert not [name for name in names if name.startswith("volvo_resource")]


async def test_the_process_is_healthy_even_without_a_login():
    response = await get("/-/healthy", missing="login required")
    assert (response.status_code, response.text) == (200, "healthy\n")


async def test_the_exporter_is_ready_if_nothing_is_missing():
    response = await get("/-/ready")
    assert (response.status_code, response.text) == (200, "ready\n")


async def test_readiness_names_what_is_missing_and_the_fix():
    response = await get("/-/ready", missing="login required: run `volvo-exporter login`")
    assert response.status_code == 503
    assert response.text == "login required: run `volvo-exporter login`\n"


async def test_cars_as_json():
    response = await get("/api/v1/vehicles")
    assert response.headers["content-type"] == "application/json"
    (car,) = response.json()["vehicles"]
    assert car["attributes"].keys() == set(catalogue.ATTRIBUTES)
    assert (car["attributes"]["vin"], car["attributes"]["model"]) == ("YV1TESTCAR0000000", "XC60")
    assert {"metric": "volvo_locked", "labels": {}, "value": 1.0} in car["readings"]
    assert {"metric": "volvo_door_open", "labels": {"door": "hood"}, "value": 1.0} in car["readings"]
    poll = {"up": True, "last_success": MEASURED}
    assert car["resources"] == {"details": poll, "doors": poll}


async def test_no_cars_as_json():
    assert (await get("/api/v1/vehicles", cars=0)).json() == {"vehicles": []}


async def test_the_status_as_json():
    response = await get("/api/v1/status")
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.content) == {
        "version": "1.2.3",
        "now": MEASURED + 60,
        "accounts": ACCOUNTS,
        "log": [{"at": MEASURED, "level": "warning", "message": "something odd"}],
    }


async def test_the_status_page_links_to_the_others():
    response = await get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "7 of 100 calls used, 50 expected" in response.text
    assert "1.2.3" in response.text
    for path, _ in PAGES:
        assert f'href=".{path}"' in response.text
        assert (await get(path)).status_code == 200


async def test_the_icon_is_served():
    response = await get("/icon.svg")
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.text.startswith("<svg")


async def test_the_status_page_shows_recent_log_warnings():
    text = (await get("/")).text
    assert "something odd" in text
    assert "1 minute ago" in text


async def test_the_missing_message_is_escaped():
    response = await get("/", missing="<script>alert(1)</script>")
    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert" in response.text


async def test_a_callback_without_a_login_explains_what_to_do():
    response = await get("/callback?code=abc&state=def")
    assert response.status_code == 404
    assert "in the terminal that runs" in response.text
    assert (response.headers["cache-control"], response.headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )


async def test_a_callback_is_used_once():
    callback, queries = Callback(), []

    async def wait():
        queries.append(await callback.wait())

    async with client(callback=callback) as http, anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        response = await http.get("/callback?code=abc&state=def")
        await anyio.wait_all_tasks_blocked()
        again = await http.get("/callback?code=abc&state=def")
    assert queries == ["?code=abc&state=def"]
    assert (response.status_code, again.status_code) == (200, 404)
    assert "abc" not in response.text + again.text


@pytest.mark.parametrize("path", ["/nothing", "/metrics/x", "/-/", "/api/v1/", "/api/v2/vehicles"])
async def test_an_unknown_path_is_not_found(path):
    assert (await get(path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "target"), [("/metrics/", "../metrics"), ("/callback/?code=x", "../callback?code=x")]
)
async def test_a_slash_at_the_end_is_redirected_to_a_relative_address(path, target):
    response = await get(path)

    assert (response.status_code, response.headers["location"]) == (307, target)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_pages_are_read_only(method):
    async with client() as http:
        for path in {path for path, _ in PAGES} - {"/login"}:
            assert (await http.request(method, path)).status_code == 405


async def test_head_requests_are_answered():
    async with client() as http:
        response = await http.head("/metrics")
    assert (response.status_code, response.content) == (200, b"")
