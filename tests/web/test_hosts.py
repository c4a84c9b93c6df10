import pytest

from tests.support.installation import a_world, installed
from volvo_exporter.web.hosts import Hosts

PATHS = ("/", "/metrics", "/api/v1/vehicles", "/api/v1/status", "/api/v1/evcc/car", "/login", "/-/ready")
LOCAL = (
    *("localhost:9100", "localhost", "LOCALHOST.", "raspberrypi:9100", "raspberrypi.local", "pi.lan:9100"),
    *("127.0.0.1:9100", "10.1.2.3:9100", "203.0.113.9", "[::1]:9100", "[2001:db8::1]", "[::ffff:10.0.0.1]:1"),
    *("volvo-exporter:9100", "host.docker.internal:9100", "pi.home.arpa"),
    *("volvo-exporter.monitoring.svc:9100", "volvo-exporter.monitoring.svc.cluster.local:9100"),
    "",  # HTTP/1.0
)
FOREIGN = (
    *("evil.example", "evil.example:9100", "EVIL.example.", "localhost.evil.example", "127.0.0.1.nip.io"),
    *(
        "local.evil.com",
        "evillocal.com",
        "a.notlan",
        "1.2.3.4.5",
        "rebind.network:9100",
        "[::1].evil.com"[5:],
    ),
)


@pytest.mark.parametrize("host", LOCAL)
def test_addresses_and_local_names_are_allowed(host):
    assert Hosts().allow(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_names_of_public_dns_are_refused(host):
    assert not Hosts().allow(host)


@pytest.mark.parametrize(
    ("allowed", "host", "expected"),
    [
        ("volvo.example.com", "Volvo.Example.com:443", True),
        ("Volvo.Example.com.", "volvo.example.com", True),
        ("volvo.example.com", "a.volvo.example.com", False),
        ("volvo.example.com", "evilvolvo.example.com", False),
        (".fritz.box", "pi.fritz.box", True),
        (".fritz.box", "fritz.box", True),
        ("*.fritz.box", "pi.fritz.box", True),
        (".fritz.box", "evilfritz.box", False),
        ("*", "evil.example", True),
        ("", "evil.example", False),
    ],
)
def test_allowed_hosts_adds_names_and_domains(allowed, host, expected):
    assert Hosts([allowed]).allow(host) is expected


@pytest.mark.parametrize("path", PATHS)
async def test_an_unknown_host_is_refused_and_the_setting_is_named(tmp_path, path):
    async with installed(tmp_path, a_world()) as it:
        response = await it.scrape(path, host="evil.example:9100")

    assert response.status_code == 421
    assert "evil.example" in response.text
    assert "allowed_hosts" in response.text
    assert "YV1" not in response.text


@pytest.mark.parametrize("host", ["volvo.example.com", "login.example.com", "localhost:9100"])
async def test_names_in_allowed_hosts_are_accepted(tmp_path, host):
    settings = {
        "allowed_hosts": ["volvo.example.com"],
        "redirect_uri": "https://login.example.com/callback",
    }
    async with installed(tmp_path, a_world(), logged_in=False, **settings) as it:
        assert (await it.scrape(host=host)).status_code == 200


async def test_with_a_password_any_host_is_accepted(tmp_path):
    hashed = "$2b$04$6YHLCd1mxTnuqHOo3yEp8.0eVf7oEjpW5mlMFbWFOSyyNmQ/tIjfa"
    (tmp_path / "web.yml").write_text(f"basic_auth_users:\n  alice: {hashed}\n")
    async with installed(
        tmp_path, a_world(), logged_in=False, web_config_file=str(tmp_path / "web.yml")
    ) as it:
        assert (await it.scrape(host="evil.example")).status_code == 401
