import os
import re

import bcrypt
import pytest
import structlog
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.support.services import ROOT
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.web.web_config import HEADERS, WebConfig, WebConfigFile, read

SALT = b"$2b$04$WbvwG3bYOpwr.D5/z0R2Je"  # always the same, as hashes are in the names of tests
HASH = bcrypt.hashpw(b"open sesame", SALT).decode()
OTHER = bcrypt.hashpw(b"swordfish", SALT).decode()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "web.yml"


def written(file, content) -> WebConfig:
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return read(file)


def problem(file, content) -> str:
    with pytest.raises(ConfigurationError) as caught:
        written(file, content)
    message = str(caught.value)
    assert message.startswith(f"web_config_file: {file} is invalid:\n  ")
    return message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "null",
        "{}",
        "basic_auth_users:\n",
        "tls_server_config: {}\nhttp_server_config:\n",
        "tls_server_config:\n  cert_file:\n  key_file: ~\nbasic_auth_users: {}\n",
        "http_server_config:\n  http2: true\n  headers:\n",
    ],
)
def test_an_empty_file_means_no_tls_and_no_passwords(file, text):
    assert written(file, text) == WebConfig()


def test_the_whole_format_is_read(file):
    config = written(
        file,
        {
            "tls_server_config": {
                "cert_file": "server.crt",
                "key_file": "/etc/server.key",
                "client_auth_type": "RequireAndVerifyClientCert",
                "client_ca_file": "ca.crt",
                "min_version": "TLS12",
                "max_version": "TLS13",
                "cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"],
                "prefer_server_cipher_suites": False,
            },
            "http_server_config": {"http2": False, "headers": {"X-Frame-Options": "deny"}},
            "basic_auth_users": {"alice": HASH},
        },
    )
    assert config.users() == {b"alice": HASH.encode()}
    assert config.http_server_config.headers == {"X-Frame-Options": "deny"}
    assert [str(path) for path in config.tls_server_config.files(file.parent)] == [
        f"{file.parent}/server.crt",
        "/etc/server.key",
        f"{file.parent}/ca.crt",
    ]


@pytest.mark.parametrize("name", ["007", "1.0", "on", "ünïcode", "0x10", "alice smith", '"~"'])
def test_a_username_is_read_as_text(file, name):
    config = written(file, f"basic_auth_users:\n  {name}: {HASH}\n")
    assert list(config.users()) == [name.strip('"').encode()]


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_bcrypt_hashes_of_every_tool_are_accepted(file, prefix):
    assert written(file, {"basic_auth_users": {"alice": prefix + HASH[4:]}}).basic_auth_users


@pytest.mark.parametrize("name", HEADERS)
def test_a_blank_header_is_not_set(file, name):
    config = written(file, {"http_server_config": {"headers": {name: ""}}})
    assert config.http_server_config.headers == {}


CERTIFICATE = {"cert_file": "a", "key_file": "b"}


@pytest.mark.parametrize(
    ("content", "fix"),
    [
        ("basic_auth_users: [", "is not valid YAML (line 1): check quotes"),
        ("a: b: c", "is not valid YAML (line 1): check quotes"),
        ('a: "\\UFFFFFFFF"', "is not valid YAML"),
        ("[" * 5000, "nested too deeply"),
        (f"basic_auth_users:\n  a: {HASH}\n  a: {OTHER}\n", "(line 2): duplicate key"),
        ("- a", "must contain one `key: value` per line"),
        ("text", "must contain one `key: value` per line"),
        ({"basic_auth_user": {}}, "basic_auth_user: unknown key; check its spelling"),
        ({"basic_auth_users": ["alice"]}, "basic_auth_users: must contain one `name: value` per line"),
        (
            {"basic_auth_users": {"alice": "sesame"}},
            "entry 1 is not a bcrypt hash; create one with: htpasswd",
        ),
        ({"basic_auth_users": {"a": HASH, "b": HASH[:-1]}}, "entry 2 is not a bcrypt hash"),
        ({"basic_auth_users": {"a": [HASH]}}, "basic_auth_users: must be text"),
        ({"basic_auth_users": {"a:b": HASH}}, "entry 1 contains a colon"),
        ({"basic_auth_users": {"alice": "$2b$03$" + HASH[7:]}}, "not a bcrypt hash"),
        ({"basic_auth_users": {"alice": "$2b$32$" + HASH[7:]}}, "not a bcrypt hash"),
        (
            {"tls_server_config": {"cert_file": "a"}},
            "tls_server_config.key_file: required; set it to the path of the file",
        ),
        ({"tls_server_config": {"min_version": "TLS13"}}, "tls_server_config.cert_file: required"),
        ({"tls_server_config": "on"}, "tls_server_config: must contain one `key: value` per line"),
        (
            {"tls_server_config": CERTIFICATE | {"min_version": "1.3"}},
            "min_version: must be one of TLS10, TLS11, TLS12, TLS13",
        ),
        ({"tls_server_config": CERTIFICATE | {"max_version": "TLS11"}}, "must be one of TLS12, TLS13"),
        (
            {"tls_server_config": CERTIFICATE | {"min_version": "TLS13", "max_version": "TLS12"}},
            "min_version is higher than max_version",
        ),
        (
            {"tls_server_config": CERTIFICATE | {"cipher_suites": ["RC4"]}},
            "entry 1 is unknown; use TLS_ECDHE",
        ),
        (
            {"tls_server_config": CERTIFICATE | {"cipher_suites": "RC4"}},
            "must be a list, one `- name` per line",
        ),
        ({"tls_server_config": CERTIFICATE | {"client_auth_type": "Require"}}, "unknown client_auth_type"),
        (
            {"tls_server_config": CERTIFICATE | {"client_auth_type": "RequireAnyClientCert"}},
            "RequireAnyClientCert accepts any certificate; use RequireAndVerifyClientCert",
        ),
        (
            {"tls_server_config": CERTIFICATE | {"client_auth_type": "RequireAndVerifyClientCert"}},
            "requires client_ca_file",
        ),
        (
            {"tls_server_config": CERTIFICATE | {"client_ca_file": "c"}},
            "client_ca_file requires client_auth_type",
        ),
        ({"tls_server_config": {"cert": "PEM", "key": "PEM"}}, "name it in cert_file; key is not supported"),
        ({"tls_server_config": CERTIFICATE | {"client_ca": "PEM"}}, "client_ca is not supported"),
        ({"tls_server_config": CERTIFICATE | {"curve_preferences": ["X25519"]}}, "remove it"),
        ({"tls_server_config": CERTIFICATE | {"client_allowed_sans": ["a"]}}, "client_ca_file"),
        ({"rate_limit": {"burst": 1}}, "rate_limit is not supported: remove it"),
        ({"http_server_config": {"http2": "perhaps"}}, "http2: must be true or false"),
        (
            {"http_server_config": {"headers": {"Server": "x"}}},
            "only these headers are supported: Content-Security-Policy",
        ),
        ({"http_server_config": {"headers": {"X-Frame-Options": "no"}}}, "must be deny or sameorigin"),
        ({"http_server_config": {"headers": {"X-XSS-Protection": "1\r\nSet-Cookie: a=b"}}}, "one line"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_error_is_named_with_its_fix(file, content, fix):
    assert fix in problem(file, content)


def test_all_errors_are_named_at_once(file):
    message = problem(file, {"tls_server_config": {"key_file": "a"}, "users": {}, "http_server_config": 5})
    assert [line.partition(":")[0].strip() for line in message.splitlines()[1:]] == [
        "tls_server_config.cert_file",
        "http_server_config",
        "users",
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"basic_auth_users": {"alice": HASH[:-1]}},
        {"basic_auth_users": {HASH: "alice"}},
        {"basic_auth_users": {"alice": [HASH]}},
        {"basic_auth_users": HASH},
        {"basic_auth_users": [HASH]},
        {HASH: "alice"},
        {"http_server_config": {"headers": {HASH: HASH}}},
        {"tls_server_config": {"key": HASH, "cert": HASH}},
        {"tls_server_config": CERTIFICATE | {"client_auth_type": HASH, "cipher_suites": [HASH]}},
        HASH,
    ],
    ids=str,
)
def test_no_message_shows_a_hash(file, content):
    assert HASH[7:-1] not in problem(file, content)


def test_the_configuration_does_not_print_hashes(file):
    config = written(file, {"basic_auth_users": {"alice": HASH}})
    assert HASH not in f"{config!r} {config}"


def test_an_unreadable_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"cannot be read \(No such file or directory\)"):
        WebConfigFile(tmp_path / "nowhere.yml")
    (tmp_path / "web.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"cannot be read \(not UTF-8\)"):
        WebConfigFile(tmp_path / "web.yml")


def outcome(file) -> str:
    try:
        WebConfigFile(file)
    except ConfigurationError as error:
        return str(error)
    return "good"


tmp_path_stays = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@tmp_path_stays
@given(some.binary())
def test_any_bytes_are_read_or_refused(file, content):
    file.write_bytes(content)
    assert outcome(file).startswith(("good", "web_config_file: "))


WORDS = (
    *("tls_server_config", "basic_auth_users", "http_server_config", "cert_file", "headers", HASH),
    *(":", "\n", "  ", "- ", "~", '"', "\\x00", "<<", "{", "}", "[", "]"),
    *("!!int ", "!!python/name:os ", "&a ", "*a"),
)


@tmp_path_stays
@given(some.lists(some.sampled_from(WORDS), max_size=30).map("".join))
def test_any_text_is_read_or_refused(file, content):
    file.write_text(content)
    assert HASH not in outcome(file)


def test_the_examples_in_the_document_work(file):
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    section = text.partition("\n## TLS and passwords\n")[2].partition("\n## ")[0]
    setting, example, prometheus, clients = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    config = written(file, example)
    (stored,) = config.users().values()

    assert yaml.safe_load(setting) == {"web_config_file": file.name}
    assert bcrypt.checkpw(b"open sesame", stored)
    assert (
        yaml.safe_load(prometheus)["scrape_configs"][0]["basic_auth"]["username"].encode() in config.users()
    )
    assert written(file, clients).tls_server_config


def change(file, content) -> None:
    """Write what is surely seen as a change, however fast the test is."""
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    seen = file.stat()
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1_000_000_000))


def test_a_change_is_used_at_once(file):
    change(file, "")
    web_config = WebConfigFile(file)
    assert web_config.config() == WebConfig()
    change(file, {"basic_auth_users": {"alice": HASH}})
    assert list(web_config.config().users()) == [b"alice"]
    change(file, {"basic_auth_users": {"bob": OTHER}})
    assert list(web_config.config().users()) == [b"bob"]


def test_an_invalid_change_is_logged_once_and_not_used(file):
    file.write_text(yaml.safe_dump({"basic_auth_users": {"alice": HASH}}))
    web_config = WebConfigFile(file)
    change(file, {"basic_auth_users": {"alice": OTHER[:-1]}})
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            assert web_config.config().users() == {b"alice": HASH.encode()}
    assert [line["log_level"] for line in lines] == ["error"]
    assert "not a bcrypt hash" in lines[0]["error"]
    assert OTHER[7:-1] not in str(lines)


def test_a_deleted_file_is_logged_once_and_used_again_when_it_is_back(file):
    file.write_text(yaml.safe_dump({"basic_auth_users": {"alice": HASH}}))
    web_config = WebConfigFile(file)
    file.unlink()
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            assert list(web_config.config().users()) == [b"alice"]
    assert [line["log_level"] for line in lines] == ["error"]
    change(file, {"basic_auth_users": {"bob": OTHER}})
    assert list(web_config.config().users()) == [b"bob"]


def test_a_file_that_is_being_written_does_not_remove_the_passwords(tmp_path):
    path = tmp_path / "web.yml"
    content = yaml.safe_dump({"basic_auth_users": {"alice": HASH}})
    path.write_text(content)
    file = WebConfigFile(path)
    with path.open("w") as writing:
        assert file.config().basic_auth_users.keys() == {"alice"}
        writing.write(content.replace("alice", "bob"))

    assert file.config().basic_auth_users.keys() == {"bob"}
