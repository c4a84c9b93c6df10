import contextlib
import os
import re
from datetime import time
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from volvo_exporter import catalogue, configuration
from volvo_exporter.problems import ALIASES, Invalid
from volvo_exporter.settings import (
    Abrp,
    AccountFields,
    AccountSettings,
    Mqtt,
    Notifications,
    Privacy,
    RemoteWrite,
    Settings,
    Webhook,
    load,
)

REPOSITORY = Path(__file__).parents[1]
VIN = "YV1TESTCAR0000001"
OTHER = "YV1TESTCAR0000002"
SECRET = "s3cr3t-of-the-client"
KEY = "k3y-of-the-application"
LOGIN = {
    "client_id": "testcar-abc",
    "client_secret": SECRET,
    "api_key": KEY,
    "redirect_uri": "http://localhost:9100/callback",
}
GIVEN = {
    "vin": ([VIN, OTHER], f"{VIN},{OTHER}", (VIN, OTHER)),
    "scope": ("openid location:read", "openid location:read", ("openid", "location:read")),
    "token_file": ("/var/lib/token.json", "/var/lib/token.json", Path("/var/lib/token.json")),
    "scrape_interval": (60, "60", 60.0),
    "exporter_listen_addr": ("0.0.0.0", "0.0.0.0", "0.0.0.0"),  # noqa: S104 - only compared
    "exporter_listen_port": (9101, "9101", 9101),
    "allowed_hosts": (["a.example", ".b.example"], "a.example,.b.example", ("a.example", ".b.example")),
    "web_config_file": ("web.yml", "web.yml", Path("web.yml")),
    "api_tokens_file": ("tokens.json", "tokens.json", Path("tokens.json")),
    "state_file": ("state.json", "state.json", Path("state.json")),
    "journal": (False, "off", "off"),
    "journal_file": ("j.db", "j.db", Path("j.db")),
    "usable_battery_capacity": ({VIN: 64}, f'{{"{VIN}": 64}}', {VIN: 64.0}),
    "mqtt": (
        {"url": "mqtt://broker", "topic_prefix": "home/cars"},
        '{"url": "mqtt://broker", "topic_prefix": "home/cars"}',
        Mqtt(url="mqtt://broker", topic_prefix="home/cars"),
    ),
    "notify": (
        ["ntfy://topic", "json://localhost:8080"],
        "ntfy://topic json://localhost:8080",
        (SecretStr("ntfy://topic"), SecretStr("json://localhost:8080")),
    ),
    "webhooks": (
        [{"url": "http://localhost/volvo", "secret": "a-secret"}],
        '[{"url": "http://localhost/volvo", "secret": "a-secret"}]',
        (Webhook(url="http://localhost/volvo", secret="a-secret"),),
    ),
    "notifications": (
        {"severity": "warning", "events": "drive_ended", "quiet_hours": "22:00-07:00", "digest": "18:00"},
        '{"severity": "warning", "events": "drive_ended", "quiet_hours": "22:00 - 7:00", "digest": "18:00"}',
        Notifications(severity="warning", events="drive_ended", quiet_hours="22:00-07:00", digest="18:00"),
    ),
    "remote_write": (
        [{"url": "http://localhost:9090/api/v1/write", "labels": {"site": "home"}}],
        '[{"url": "http://localhost:9090/api/v1/write", "labels": {"site": "home"}}]',
        (RemoteWrite(url="http://localhost:9090/api/v1/write", labels={"site": "home"}),),
    ),
    "abrp": (
        [{"vin": VIN.lower(), "api_key": "a", "user_token": "u"}],
        f'[{{"vin": "{VIN}", "api_key": "a", "user_token": "u"}}]',
        (Abrp(vin=VIN, api_key="a", user_token="u"),),
    ),
    "units": ("us", "us", "us"),
    "daily_quota": (5000, "5000", 5000),
    "requests_per_minute": (50, "50", 50),
    "vehicle_labels": (["model"], "model", ("vin", "model")),
    "vehicle_names": ({VIN.lower(): "Red"}, f'{{"{VIN}": "Red"}}', {VIN: "Red"}),
    "privacy": (
        {"position": "rounded", "vin": "masked"},
        '{"position": "rounded", "vin": "masked"}',
        Privacy(position="rounded", vin="masked"),
    ),
    "disabled_resources": (["location", "fuel"], "location, fuel", ("location", "fuel")),
    "extended_vehicle": (True, "true", True),
    "volvo_api_url": ("http://localhost:8600/", "http://localhost:8600", "http://localhost:8600"),
    "volvo_id_url": ("http://localhost:8600/", "http://localhost:8600", "http://localhost:8600"),
    "weather_api_url": ("http://localhost:8600/", "http://localhost:8600", "http://localhost:8600"),
}
"""Each setting as it stands in YAML, in the environment, and as it is understood."""


@contextlib.contextmanager
def environment(variables):
    """Only these VOLVO_ variables, for a while."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("VOLVO_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def config(tmp_path):
    return tmp_path / "config.yaml"


def read(config, settings, **variables):
    text = settings if isinstance(settings, str) else yaml.safe_dump(settings)
    config.write_text(text, encoding="utf-8")
    with environment(variables):
        return load(config)


def problems(result):
    assert isinstance(result, Invalid)
    return {problem.setting: problem.message for problem in result.problems}


def test_four_settings_are_enough(config):
    settings = read(config, LOGIN)
    assert isinstance(settings, Settings)
    (account,) = settings.complete_accounts
    assert (account.name, account.client_id, account.redirect_uri) == (
        "default",
        "testcar-abc",
        "http://localhost:9100/callback",
    )
    assert (account.client_secret.get_secret_value(), account.api_key.get_secret_value()) == (SECRET, KEY)
    assert (account.vin, account.scope, account.token_path) == ((), (), Path("volvo_token.json"))
    assert (settings.scrape_interval, settings.exporter_listen_addr) == (300, "127.0.0.1")
    assert (settings.exporter_listen_port, settings.daily_quota, settings.requests_per_minute) == (
        9100,
        10_000,
        100,
    )


@pytest.mark.parametrize("setting", GIVEN)
def test_a_setting_is_read_from_yaml(config, setting):
    written, _, expected = GIVEN[setting]
    assert getattr(read(config, LOGIN | {setting: written}), setting) == expected


@pytest.mark.parametrize("setting", GIVEN)
def test_a_setting_is_read_from_the_environment(config, setting):
    _, written, expected = GIVEN[setting]
    variable = f"VOLVO_{setting.upper()}"
    assert getattr(read(config, LOGIN, **{variable: written}), setting) == expected


def test_every_setting_has_test_values():
    others = {
        *LOGIN,
        "accounts",
        "client_secret_file",
        "api_key_file",
        "weather_api_key",
        "weather_api_key_file",
        "database_url",
        "database_url_file",
    }
    assert GIVEN.keys() | others >= Settings.model_fields.keys()


def test_the_environment_alone_is_enough(config):
    with environment({f"VOLVO_{setting.upper()}": value for setting, value in LOGIN.items()}):
        settings = load(config)
    assert settings.complete_accounts == (AccountSettings(**LOGIN),)


def test_the_environment_overrides_the_file_unless_it_is_empty(config):
    settings = read(config, LOGIN, VOLVO_CLIENT_ID="another", VOLVO_REDIRECT_URI="")
    assert (settings.client_id, settings.redirect_uri) == ("another", LOGIN["redirect_uri"])


@pytest.mark.parametrize("setting", ["client_secret", "api_key", "weather_api_key"])
@pytest.mark.parametrize("by_environment", [False, True], ids=["yaml", "environment"])
def test_a_secret_is_read_from_a_file(config, tmp_path, setting, by_environment):
    file = tmp_path / "secret"
    file.write_text("from-a-file\n")
    known = {key: value for key, value in LOGIN.items() if key != setting}
    if by_environment:
        settings = read(config, known, **{f"VOLVO_{setting.upper()}_FILE": str(file)})
    else:
        settings = read(config, known | {f"{setting}_file": str(file)})
    assert getattr(settings, setting).get_secret_value() == "from-a-file"
    assert "from-a-file" in settings.secret_values()


def test_accounts_inherit_missing_settings(config, tmp_path):
    file = tmp_path / "key"
    file.write_text("another-key")
    accounts = [
        {"name": "mine"},
        {"name": "theirs", "vin": OTHER, "api_key_file": str(file), "token_file": "theirs.json"},
    ]
    settings = read(config, LOGIN | {"vin": VIN, "accounts": accounts})
    mine, theirs = settings.complete_accounts
    assert (mine.vin, mine.client_id, mine.token_path) == (
        (VIN,),
        "testcar-abc",
        Path("volvo_token_mine.json"),
    )
    assert (theirs.vin, theirs.client_id, theirs.token_path) == ((OTHER,), "testcar-abc", Path("theirs.json"))
    assert theirs.api_key.get_secret_value() == "another-key"
    assert set(settings.secret_values()) == {SECRET, KEY, "another-key"}


def test_accounts_can_have_all_settings_of_their_own(config):
    accounts = [LOGIN | {"name": "a"}, LOGIN | {"name": "b", "client_id": "other"}]
    assert [account.client_id for account in read(config, {"accounts": accounts}).complete_accounts] == [
        "testcar-abc",
        "other",
    ]


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ([{"name": "a"}, {"name": "a", "token_file": "x"}], "name must be different for each account"),
        (
            [{"name": "a", "token_file": "x"}, {"name": "b", "token_file": "x"}],
            "token_file must be different for each account",
        ),
    ],
    ids=["name", "token_file"],
)
def test_accounts_need_a_name_and_a_token_file_of_their_own(config, accounts, message):
    assert problems(read(config, LOGIN | {"accounts": accounts})) == {"accounts": message}


def test_a_missing_setting_of_an_account_is_reported_with_its_name(config):
    result = read(config, {"accounts": [LOGIN | {"name": "a"}, {"name": "b", "client_id": "x"}]})
    assert problems(result).keys() == {"client_secret", "api_key", "redirect_uri"}
    assert all("for account b; copy" in message for message in problems(result).values())


def test_an_encoded_redirect_uri_and_scope_are_decoded(config):
    encoded = {
        "redirect_uri": "https%3A%2F%2Fexample.com%2Fcb%3Fa%3D1",
        "scope": "openid%20location%3Aread+x",
    }
    settings = read(config, LOGIN | encoded)
    assert settings.redirect_uri == "https://example.com/cb?a=1"
    assert settings.scope == ("openid", "location:read", "x")


def test_a_redirect_uri_that_is_not_encoded_stays_as_it_is(config):
    uri = "https://example.com/cb?next=%2Fhome"
    assert read(config, LOGIN | {"redirect_uri": uri}).redirect_uri == uri


@pytest.mark.parametrize("vin", [VIN.lower(), [VIN.lower()], f"{VIN.lower()}, {OTHER.lower()}"], ids=repr)
def test_a_vin_is_converted_to_capitals(config, vin):
    assert read(config, LOGIN | {"vin": vin}).vin[0] == VIN


def test_digits_without_quotes_are_text(config):
    settings = read(config, LOGIN | {"client_id": 12345, "client_secret": 67890})
    assert (settings.client_id, settings.client_secret.get_secret_value()) == ("12345", "67890")


def test_an_empty_setting_is_not_set(config):
    settings = read(config, LOGIN | dict.fromkeys(("vin", "scrape_interval", "weather_api_key", "accounts")))
    assert (settings.vin, settings.scrape_interval, settings.weather_api_key) == ((), 300, None)


@pytest.mark.parametrize(
    ("setting", "value", "fix"),
    [
        ("vin", "TOO-SHORT", "…HORT has 9 characters instead of 17"),
        ("vin", 12345678901234567, "must be text in quotes, or a list"),
        ("client_id", ["a"], "must be text; put it in quotes"),
        ("client_secret", ["a"], "must be text; put it in quotes"),
        (
            "redirect_uri",
            "localhost/callback",
            "must be a complete URL, e.g. http://localhost:9100/callback",
        ),
        ("redirect_uri", "http://[::1", "must be a complete URL, e.g. http://localhost:9100/callback"),
        ("volvo_api_url", "api.volvocars.com", "must be a complete URL, e.g. https://api.volvocars.com"),
        ("volvo_id_url", "http://[::1", "must be a complete URL, e.g. https://api.volvocars.com"),
        ("scrape_interval", 1, "must be between 10 and 86400"),
        ("scrape_interval", float("nan"), "must be between 10 and 86400"),
        ("scrape_interval", "fast", "must be a number, between 10 and 86400"),
        ("exporter_listen_port", 70000, "must be between 0 and 65535"),
        ("exporter_listen_port", "http", "must be a whole number, between 0 and 65535"),
        ("exporter_listen_port", 9100.5, "must be a whole number, between 0 and 65535"),
        ("exporter_listen_port", [9100], "must be a whole number, between 0 and 65535"),
        ("daily_quota", 0, "must be at least 1"),
        ("requests_per_minute", 0, "must be at least 1"),
        ("requests_per_minute", "many", "must be a whole number, at least 1"),
        ("extended_vehicle", "perhaps", "must be true or false"),
        ("extended_vehicle", [], "must be true or false"),
        ("vehicle_names", ["Red"], "must contain one `key: value` per line"),
        ("token_file", 5, "must be the path of a file"),
        ("privacy", False, "must contain settings, one per line, e.g. `position: …`"),
        ("privacy", "rounded", "must contain settings, one per line, e.g. `position: …`"),
        ("accounts", 5, "must be text in quotes, or a list"),
        ("remote_write", {"url": "http://a"}, "must be text in quotes, or a list"),
        ("exporter_listen_addr", "", "must not be empty; remove the line for the default"),
        ("client_idd", "x", "unknown setting; did you mean client_id?"),
        ("geoapify_api_key", "x", "unknown setting; remove it"),  # of the original: a key of no other service
        ("scrape_intervall", 5, "unknown setting; did you mean scrape_interval?"),
        ("zzz", "x", "unknown setting; remove it"),
        ("client_secret_file", "/nonexistent", "set either client_secret or client_secret_file, not both"),
        ("weather_api_key_file", "/nonexistent", "cannot be read (No such file or directory)"),
        ("weather_api_key_file", 5, "cannot be read (not the path of a file)"),
    ],
    ids=repr,
)
def test_a_wrong_setting_is_reported_with_its_fix(config, setting, value, fix):
    found = problems(read(config, LOGIN | {setting: value}))
    named = setting if fix.startswith("set either") is False else "client_secret"
    assert found.keys() == {named}
    assert fix in found[named]


CREDENTIALS = ("client_id", "client_secret", "api_key", "weather_api_key")
WRONG_CREDENTIALS = {
    "\ufeffabc-def": "character 1 of 8 is a byte order mark; copy the value again or type it",
    "abc\u00a0def": "character 4 of 7 is a no-break space; copy the value again or type it",
    "abc-déf": "character 6 of 7 is not an ASCII character; copy the value again or type it",
    "abc def": "character 4 of 7 is a space; copy the value again or type it",
    "abc\ndef": "contains a line break; put the value on one line",
    "abc\x00def": "contains a control character; enter the value again",
    "“abc-def”": 'has curly quotes; replace them with straight quotes (") or remove them',
    "…": "is the placeholder from the example; replace it with your own value",
    "YOUR_VALUE_HERE": "is the placeholder from the example; replace it with your own value",
}


@pytest.mark.parametrize("setting", CREDENTIALS)
@pytest.mark.parametrize("value", WRONG_CREDENTIALS, ids=ascii)
def test_a_credential_that_no_header_can_carry_is_refused_without_showing_it(config, setting, value):
    found = problems(read(config, LOGIN | {setting: value}))
    assert found == {setting: WRONG_CREDENTIALS[value]}
    assert "abc" not in repr(found)


def test_whitespace_around_a_credential_is_removed(config):
    settings = read(config, LOGIN | {"api_key": "  abc-def\r\n"})
    assert settings.api_key.get_secret_value() == "abc-def"


def test_a_byte_order_mark_at_the_start_of_a_secret_file_or_of_the_configuration_is_ignored(config, tmp_path):
    file = tmp_path / "key"
    file.write_bytes(b"\xef\xbb\xbfabc-def\r\n")
    known = {key: value for key, value in LOGIN.items() if key != "api_key"}
    settings = read(config, "\ufeff" + yaml.safe_dump(known | {"api_key_file": str(file)}))
    assert settings.api_key.get_secret_value() == "abc-def"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"abc\ndef\n", "invalid content: contains a line break; put the value on one line"),
        (b"\n", "the file is empty; write the value into it"),
        ("abc".encode("utf-16"), "cannot be read (not UTF-8; save the file as UTF-8)"),
    ],
    ids=["two lines", "empty", "UTF-16"],
)
def test_a_wrong_secret_file_is_named(config, tmp_path, content, message):
    file = tmp_path / "key"
    file.write_bytes(content)
    known = {key: value for key, value in LOGIN.items() if key != "api_key"}
    assert problems(read(config, known | {"api_key_file": str(file)})) == {"api_key_file": message}


def test_the_placeholders_of_the_readme_are_refused(config):
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(client_id: .*?)```", readme, re.DOTALL)[1]
    found = problems(read(config, example))
    assert list(found) == ["client_id", "client_secret", "api_key"]
    assert all("is the placeholder" in message for message in found.values())


def test_the_placeholders_of_the_example_are_refused(config):
    text = (REPOSITORY / "config.example.yaml").read_text(encoding="utf-8")
    shown = re.findall(r"^# (vin: .*|vehicle_names:\n#   .*)$", text, re.MULTILINE)
    assert len(shown) == 2
    for lines in shown:
        found = problems(read(config, LOGIN | yaml.safe_load(lines.replace("\n# ", "\n"))))
        assert "…XXXX is the placeholder from the example" in found.popitem()[1]


@pytest.mark.parametrize(
    ("vin", "message"),
    [
        ("YV1TESTCAR000000", "…0000 has 16 characters instead of 17; copy it from the registration document"),
        ("YV1TESTCAR000O001", "…O001 contains the letter O; a VIN has no I, O or Q: use 1 or 0"),
        ("yv1testcar00000i1", "…00I1 contains the letter I; a VIN has no I, O or Q: use 1 or 0"),
        ("YV1TESTQAR0000001", "…0001 contains the letter Q; a VIN has no I, O or Q: use 1 or 0"),
        ("YV1TESTCÄR0000001", "…0001 contains a character other than A-Z and 0-9; copy the VIN again"),
        (
            "YOUR_VIN_HERE",
            "…HERE is the placeholder from the example; replace it with your VIN or remove the line",
        ),
        ("“YV1TESTCAR0000001”", 'has curly quotes; replace them with straight quotes (") or remove them'),
    ],
)
def test_a_wrong_vin_is_named_by_its_end(config, vin, message):
    assert problems(read(config, LOGIN | {"vin": [VIN, vin]})) == {"vin": message}


def test_each_wrong_vin_is_named(config):
    result = read(config, LOGIN | {"vin": "SHORT1, SHORT2"})
    assert [problem.message[:6] for problem in result.problems] == ["…ORT1 ", "…ORT2 "]


def test_the_vins_of_vehicle_names_are_checked(config):
    found = problems(read(config, LOGIN | {"vehicle_names": {"YV1TESTCAR000O001": "Red"}}))
    assert "…O001 contains the letter O" in found["vehicle_names"]


@pytest.mark.parametrize("setting", ["token_file", "state_file"])
@pytest.mark.parametrize("path", ["/", ".", "", "/etc/.."])
def test_a_file_to_write_needs_a_name(config, setting, path):
    assert problems(read(config, LOGIN | {setting: path})) == {
        setting: "must be the path of a file, not of a folder; add a file name"
    }


@pytest.mark.parametrize("setting", ["redirect_uri", "volvo_api_url", "volvo_id_url", "weather_api_url"])
@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://exa\x01mple.com/cb", "contains a control character"),
        ("https://example.com/\nc", "contains a line break"),
        ("https://exa mple.com/cb", "must be a complete URL"),
        ("https://example..com/cb", "must be a complete URL"),
        ("https://example.com:99999/cb", "must be a complete URL"),
    ],
    ids=ascii,
)
def test_a_url_that_cannot_be_requested_is_refused(config, setting, url, message):
    found = problems(read(config, LOGIN | {setting: url}))
    assert found.keys() == {setting}
    assert message in found[setting]


@pytest.mark.parametrize("address", ["0.0.0.0:9100", "http://localhost", "a..b", "[::1]", "my pi"])
def test_an_address_to_listen_on_has_no_scheme_and_no_port(config, address):
    assert problems(read(config, LOGIN | {"exporter_listen_addr": address})) == {
        "exporter_listen_addr": "must be an IP address or a host name without scheme and port, e.g. 0.0.0.0"
    }


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "fe80::1%eth0", "localhost", "pi.example"])  # noqa: S104 - only read
def test_an_address_to_listen_on_may_be_ipv4_ipv6_or_a_name(config, address):
    assert read(config, LOGIN | {"exporter_listen_addr": address}).exporter_listen_addr == address


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "a: " + "{a: " * 5000], ids=["lists", "mappings"])
def test_yaml_that_is_nested_too_deeply_is_named(config, text):
    assert problems(read(config, text)) == {
        str(config): "is not valid YAML: nested too deeply; check for unclosed brackets"
    }


def test_json_that_is_nested_too_deeply_is_named(config):
    found = problems(read(config, LOGIN, VOLVO_PRIVACY="[" * 20_000))
    assert found == {"the environment": "a value is nested too deeply; check for unclosed brackets"}


@pytest.mark.parametrize("text", ["privacy:\n\tvin: masked", "vin:\tA", "vin:\n\t- A"], ids=repr)
def test_a_tab_is_named(config, text):
    (message,) = problems(read(config, text)).values()
    assert re.fullmatch(r"is not valid YAML \(line [12]\): contains a tab; use spaces instead", message)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("port", "exporter_listen_port"),
        ("Client-ID", "client_id"),
        ("listen_address", "exporter_listen_addr"),
        ("redirect_url", "redirect_uri"),
        ("vins", "vin"),
        ("interval", "scrape_interval"),
        ("log_level", "LOG_LEVEL in the environment"),
    ],
)
def test_an_unknown_setting_suggests_the_one_that_is_meant(config, name, meant):
    found = problems(read(config, LOGIN | {name: "x"}))
    assert found == {name: f"unknown setting; did you mean {meant}?"}


def test_every_suggestion_is_a_setting_and_no_setting_is_an_alias():
    suggested = {meant.partition(".")[0] for meant in ALIASES.values()}
    assert suggested - Settings.model_fields.keys() == {"LOG_LEVEL in the environment"}
    assert ALIASES.keys() & Settings.model_fields.keys() == set()


def test_everything_is_shown_by_default(config):
    for left_empty in ({}, {"privacy": None}, {"privacy": {"position": None}}):
        assert read(config, LOGIN | left_empty).privacy == Privacy(position="full", vin="full")


@pytest.mark.parametrize("word", ["off", "Off", "OFF", "'off'", "no", "false"])
def test_off_needs_no_quotes(config, word):
    lines = [f"{setting}: {value}" for setting, value in LOGIN.items()]
    settings = read(config, "\n".join((*lines, "privacy:", f"  position: {word}")))
    assert (settings.privacy.position, settings.privacy.vin) == ("off", "full")


def test_the_environment_can_change_a_part_of_privacy(config):
    settings = read(config, LOGIN | {"privacy": {"position": "rounded"}}, VOLVO_PRIVACY='{"vin": "masked"}')
    assert settings.privacy == Privacy(position="rounded", vin="masked")


@pytest.mark.parametrize(
    ("given", "setting", "fix"),
    [
        ({"position": "exact"}, "privacy.position", "must be one of full, rounded, off"),
        ({"position": True}, "privacy.position", "must be one of full, rounded, off"),
        ({"vin": "off"}, "privacy.vin", "must be one of full, masked"),
        ({"vin": False}, "privacy.vin", "must be one of full, masked"),
        ({"positon": "off"}, "privacy.positon", "unknown setting; did you mean position?"),
        ({"scrape_intervall": 5}, "privacy.scrape_intervall", "unknown setting; remove it"),
    ],
    ids=repr,
)
def test_an_error_in_privacy_is_reported_with_its_fix(config, given, setting, fix):
    assert problems(read(config, LOGIN | {"privacy": given})) == {setting: fix}


@pytest.mark.parametrize("position", ["off", False], ids=repr)
def test_without_a_position_there_is_no_weather(config, position):
    wrong = {"privacy": {"position": position}, "weather_api_key": "w3ather-key"}
    assert problems(read(config, LOGIN | wrong)) == {
        "privacy.position": "must not be off with weather_api_key; set rounded, or remove weather_api_key"
    }
    rounded = wrong | {"privacy": {"position": "rounded"}}
    assert isinstance(read(config, LOGIN | rounded), Settings)


@pytest.mark.parametrize("account", ["mine", 5, ["mine"]], ids=repr)
def test_an_account_that_is_not_a_mapping_is_named(config, account):
    found = problems(read(config, LOGIN | {"accounts": [account]}))
    assert found == {"accounts.0": "must contain settings, one per line, e.g. `client_id: …`"}


def test_all_errors_are_reported_at_once(config):
    wrong = {"vin": "short", "scrape_interval": 1, "colour": "red", "accounts": [{"nmae": "mine"}]}
    found = problems(read(config, LOGIN | wrong))
    assert found.keys() == {"vin", "scrape_interval", "colour", "accounts.0.nmae"}
    assert found["accounts.0.nmae"] == "unknown setting; did you mean name?"


def test_all_missing_settings_are_reported_at_once(config):
    found = problems(read(config, "client_id:\n"))
    assert list(found) == ["client_id", "client_secret", "api_key", "redirect_uri"]
    assert all("is missing; copy" in message for message in found.values())
    assert "config.example.yaml" not in found["client_id"]


def test_without_a_configuration_file_the_example_is_named(config):
    with environment({}):
        found = problems(load(config))
    assert "copy config.example.yaml" in found[str(config)]
    assert list(found) == [str(config), "client_id", "client_secret", "api_key", "redirect_uri"]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ('client_id: "a', "is not valid YAML (line "),
        ("client_id: a\n  b: c: d", "is not valid YAML (line 2)"),
        ("vin: 2026-99-99", "is not valid YAML"),
        ('vin: "\\UFFFFFFFF"', "is not valid YAML"),
        ("client_id: \x01", "is not valid YAML"),
        ("- client_id", "must contain settings"),
        ("client_id", "must contain settings"),
        ("5", "must contain settings"),
        ("1: 2", "must contain settings"),
    ],
    ids=repr,
)
def test_a_file_without_settings_is_reported(config, text, fix):
    found = problems(read(config, text))
    assert found.keys() == {str(config)}
    assert fix in found[str(config)]


def test_a_file_that_is_not_text_is_named(config):
    config.write_bytes(b"client_id: \xff\xfe")
    with environment({}):
        assert problems(load(config)) == {str(config): "cannot be read: not UTF-8; save the file as UTF-8"}


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with environment({}):
        assert problems(load(tmp_path)) == {str(tmp_path): "cannot be read: Is a directory"}


@pytest.mark.parametrize("setting", ["accounts", "vehicle_names", "privacy"])
def test_invalid_json_in_the_environment_is_reported(config, setting):
    variable = f"VOLVO_{setting.upper()}"
    found = problems(read(config, LOGIN, **{variable: "no json"}))
    assert found == {variable: "must be JSON in the environment"}


@pytest.mark.parametrize("place", [{}, {"name": "a"}], ids=["above", "account"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": [SECRET]},
        {"api_key": {KEY: KEY}},
        {"vin": "short"},
        {"weather_api_key_file": "/x"},
        {"client_secret_file": "/nonexistent"},
        {"redirect_uri": "nowhere"},
        {"weather_api_key": [KEY]},
    ],
    ids=str,
)
def test_no_message_contains_a_secret(config, place, wrong):
    settings = LOGIN | wrong if not place else {"accounts": [LOGIN | place | wrong]}
    result = read(config, settings)
    assert isinstance(result, Invalid)
    assert SECRET not in repr(result)
    assert KEY not in repr(result)


def test_no_repr_contains_a_secret(config):
    settings = read(config, LOGIN | {"weather_api_key": "w3ather-key", "accounts": [{"name": "a"}]})
    shown = f"{settings!r} {settings} {settings.complete_accounts!r}"
    assert not [secret for secret in (SECRET, KEY, "w3ather-key") if secret in shown]
    assert set(settings.secret_values()) == {SECRET, KEY, "w3ather-key"}


def test_the_example_works_once_it_is_filled_in(config):
    text = (REPOSITORY / "config.example.yaml").read_text(encoding="utf-8")
    found = problems(read(config, text))
    assert list(found) == list(LOGIN)
    for setting, value in LOGIN.items():
        assert text.count(f"\n{setting}:\n") == 1
        text = text.replace(f"\n{setting}:\n", f"\n{setting}: {value}\n")
    assert read(config, text).complete_accounts == (AccountSettings(**LOGIN),)


def test_the_example_shows_the_defaults():
    text = (REPOSITORY / "config.example.yaml").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^# (\w+): (.+)$", text, re.MULTILINE))
    assert yaml.safe_load(shown.pop("vehicle_labels")) == list(catalogue.DEFAULT_VEHICLE_LABELS)
    assert shown.pop("token_file") == str(AccountSettings(**LOGIN).token_path)
    defaults = {setting: Settings.model_fields[setting].default for setting in shown}
    assert {setting: str(default) for setting, default in defaults.items() if default} == {
        setting: value for setting, value in shown.items() if defaults[setting]
    }
    assert {"scrape_interval", "daily_quota", "exporter_listen_addr"} <= shown.keys()
    nested = re.findall(r"^# privacy:\n#   position: (\w+)\n#   vin: (\w+)$", text, re.MULTILINE)
    assert nested == [(Privacy().position, Privacy().vin)]


def test_the_document_matches_the_settings():
    document = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert document == configuration.render(), (
        "python -m volvo_exporter.configuration > docs/configuration.md"
    )


def test_every_setting_has_a_line():
    text = configuration.render()
    for setting in {**AccountFields.model_fields, **Settings.model_fields, **AccountSettings.model_fields}:
        assert text.count(f"\n| `{setting}` |") == 1
    for setting in Privacy.model_fields:
        assert text.count(f"\n| `privacy.{setting}` | `full` |") == 1
    assert "| `scrape_interval` | `300` |" in text


@pytest.mark.parametrize(
    ("receiver", "expected"),
    [
        ({}, {"remote_write.0.url": "is missing; add it"}),
        (
            {"url": "localhost"},
            {"remote_write.0.url": "must be a complete URL, e.g. http://localhost:9090/api/v1/write"},
        ),
        (
            {"url": "http://a", "pasword": "x"},
            {"remote_write.0.pasword": "unknown setting; did you mean password?"},
        ),
        ({"url": "http://a", "interval": 1}, {"remote_write.0.interval": "must be between 5 and 300"}),
        (
            {"url": "http://a", "username": "a", "bearer_token": "t"},
            {"remote_write.0.bearer_token": "set either bearer_token or username and password, not both"},
        ),
    ],
    ids=str,
)
def test_a_wrong_receiver_of_remote_write_is_named_with_its_fix(config, receiver, expected):
    assert problems(read(config, LOGIN | {"remote_write": [receiver]})) == expected


def test_secrets_of_a_section_are_read_from_files_and_redacted(config, tmp_path):
    file = tmp_path / "password"
    file.write_text("s3cret-of-the-receiver\n")
    receiver = {"url": "http://a", "username": "a", "password_file": str(file)}
    settings = read(config, LOGIN | {"remote_write": [receiver]})
    assert settings.remote_write[0].password.get_secret_value() == "s3cret-of-the-receiver"
    assert "s3cret-of-the-receiver" in settings.secret_values()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, {"abrp.0.vin", "abrp.0.api_key", "abrp.0.user_token"}),
        ({"vin": "X", "api_key": "a", "user_token": "u"}, {"abrp.0.vin"}),
        ({"vin": VIN, "api_key": "", "user_token": "u"}, {"abrp.0.api_key"}),
        ({"vin": VIN, "api_key": "a", "user_token": "u", "url": "iternio"}, {"abrp.0.url"}),
        ({"vin": VIN, "api_key": "a", "user_token": "u", "token": "t"}, {"abrp.0.token"}),
    ],
    ids=lambda value: " ".join(sorted(value)),
)
def test_a_wrong_entry_of_abrp_is_named(config, entry, expected):
    assert problems(read(config, LOGIN | {"abrp": [entry]})).keys() == expected


def test_a_vehicle_has_one_entry_of_abrp(config):
    entry = {"vin": VIN, "api_key": "a", "user_token": "u"}
    assert problems(read(config, LOGIN | {"abrp": [entry, entry]})) == {
        "abrp": "must have one entry for each vehicle; remove the second one"
    }


def test_secrets_of_abrp_are_read_from_files_and_redacted(config, tmp_path):
    (tmp_path / "key").write_text("abrp-key\n")
    (tmp_path / "token").write_text("abrp-token\n")
    entry = {"vin": VIN, "api_key_file": str(tmp_path / "key"), "user_token_file": str(tmp_path / "token")}
    assert {"abrp-key", "abrp-token"} <= set(read(config, LOGIN | {"abrp": [entry]}).secret_values())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"severity": "high"},
            {"notifications.severity": "must be one of critical, warning, info"},
        ),
        (
            {"events": ["parked"]},
            {"notifications.events": "unknown parked; choose from drive_ended, charge_ended"},
        ),
        (
            {"quiet_hours": "25:00-07:00"},
            {"notifications.quiet_hours": "25:00 is not a time of the day; use e.g. 07:00"},
        ),
        (
            {"time_zone": "Sweden"},
            {"notifications.time_zone": "is not a time zone; use a name such as Europe/Stockholm"},
        ),
        ({"quiet": "22:00-07:00"}, {"notifications.quiet": "unknown setting; remove it"}),
    ],
    ids=str,
)
def test_wrong_notifications_are_named_with_their_fix(config, given, expected):
    assert problems(read(config, LOGIN | {"notifications": given})) == expected


@pytest.mark.parametrize("written", ["18:30", 1110, "'18:30'"])
def test_a_time_without_quotes_is_a_time_of_the_day(config, written):
    text = yaml.safe_dump(LOGIN) + f"notifications:\n  digest: {written}\n"
    assert read(config, text).notifications.digest == time(18, 30)


@pytest.mark.parametrize("written", ["22:00", "night", 5, ["22:00", "07:00", "08:00"]])
def test_invalid_quiet_hours_are_refused(config, written):
    found = problems(read(config, LOGIN | {"notifications": {"quiet_hours": written}}))
    assert found == {"notifications.quiet_hours": "must be a span of the day such as 22:00-07:00"}


def test_a_target_is_redacted_in_the_log(config):
    settings = read(config, LOGIN | {"notify": "tgram://bot-token/chat"})
    assert "tgram://bot-token/chat" in settings.secret_values()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"mqtt.url": "is missing; add it"}),
        *(
            (
                {"url": url},
                {
                    "mqtt.url": "must be mqtt://host:port or mqtts://host:port; "
                    "put the login into mqtt.username and mqtt.password"
                },
            )
            for url in ("broker", "http://broker", "mqtt://a:b@broker", "mqtt://broker:99999", "mqtt://")
        ),
        (
            {"url": "mqtt://broker", "topic_prefix": "a/#"},
            {"mqtt.topic_prefix": "must be a topic without #, + and spaces, e.g. volvo or home/volvo"},
        ),
        (
            {"url": "mqtt://broker", "usernam": "a"},
            {"mqtt.usernam": "unknown setting; did you mean username?"},
        ),
    ],
    ids=str,
)
def test_a_wrong_setting_of_mqtt_is_named_with_its_fix(config, given, expected):
    found = problems(read(config, LOGIN | {"mqtt": given}))
    assert found == expected
    assert "a:b" not in repr(found)
