"""TLS over real sockets, with certificates of a CA of their own."""

import asyncio
import os
import ssl
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import structlog
import trustme
import yaml
from cryptography.hazmat.primitives import serialization

from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.web.tls import CIPHERS, TlsServerConfig, build_context
from volvo_exporter.web.web_config import WebConfigFile

pytestmark = pytest.mark.parametrize("anyio_backend", ["asyncio"])
"""As in the product: what is tested is how asyncio uses a context."""

ECDSA = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
RSA = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


class Place:
    """A folder with a web configuration, a certificate and a key."""

    def __init__(self, folder: Path, ca: trustme.CA) -> None:
        self.folder = folder
        self.file = folder / "web.yml"
        self._clock = 1_800_000_000
        self.certify(ca)
        ca.cert_pem.write_to_path(folder / "ca.crt")
        self.say()

    def certify(self, ca: trustme.CA, name: str = "localhost") -> None:
        certificate = ca.issue_cert(name, "localhost")
        (chain,) = certificate.cert_chain_pems
        self.write("server.crt", chain.bytes())
        self.write("server.key", certificate.private_key_pem.bytes())

    def say(self, **section: object) -> None:
        files = {"cert_file": "server.crt", "key_file": "server.key"}
        self.write("web.yml", yaml.safe_dump({"tls_server_config": files | section}).encode())

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)
        self._clock += 1
        os.utime(self.folder / name, (self._clock, self._clock))  # seen as a change, however fast the test is


@pytest.fixture
def place(tmp_path, ca) -> Place:
    return Place(tmp_path, ca)


@asynccontextmanager
async def serving(place: Place):
    """A server whose context is that of the file; yields its port."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=WebConfigFile(place.file).tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def a_client(ca: trustme.CA, **attributes: object) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    for name, value in attributes.items():
        setattr(context, name, value)
    return context


async def greeted(port: int, context: ssl.SSLContext) -> tuple[set[str], str, str]:
    """The names of the server's certificate, the version and the cipher; raises OSError or ValueError."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    try:
        # With TLS 1.3 a client learns only now that its certificate is missed.
        if await reader.read() != b"hello":
            message = "the server has hung up"
            raise ConnectionError(message)
        connection = writer.get_extra_info("ssl_object")
        names = {name for _, name in connection.getpeercert()["subjectAltName"]}
        return names, connection.version(), connection.cipher()[0]
    finally:
        writer.close()


async def test_a_renewed_certificate_is_served_without_a_restart(place, ca):
    async with serving(place) as port:
        before, version, _ = await greeted(port, a_client(ca))
        place.certify(ca, "renewed.test")
        after, _, _ = await greeted(port, a_client(ca))

    assert (before, version) == ({"localhost"}, "TLSv1.3")
    assert after == {"renewed.test", "localhost"}


async def test_during_a_renewal_the_old_certificate_is_served(place, ca):
    async with serving(place) as port:
        new = ca.issue_cert("renewed.test", "localhost")
        place.write("server.crt", new.cert_chain_pems[0].bytes())
        with structlog.testing.capture_logs() as lines:
            amid = [await greeted(port, a_client(ca)) for _ in range(2)]
        place.write("server.key", new.private_key_pem.bytes())
        after, _, _ = await greeted(port, a_client(ca))

    assert [names for names, _, _ in amid] == [{"localhost"}] * 2
    assert [line["log_level"] for line in lines] == ["error"]
    assert "both files must exist, be in PEM format and match" in lines[0]["error"]
    assert after == {"renewed.test", "localhost"}


async def test_a_certificate_file_may_appear_after_its_name(place, ca):
    async with serving(place) as port:
        place.say(cert_file="later.crt", key_file="later.key")
        assert (await greeted(port, a_client(ca)))[0] == {"localhost"}
        later = ca.issue_cert("later.test", "localhost")
        place.write("later.crt", later.cert_chain_pems[0].bytes())
        place.write("later.key", later.private_key_pem.bytes())

        assert "later.test" in (await greeted(port, a_client(ca)))[0]


async def test_a_client_certificate_is_required_and_verified(place, ca):
    place.say(client_auth_type="RequireAndVerifyClientCert", client_ca_file="ca.crt")
    known, stranger = a_client(ca), a_client(ca)
    ca.issue_cert("prometheus.test").configure_cert(known)
    trustme.CA().issue_cert("prometheus.test").configure_cert(stranger)
    async with serving(place) as port:
        assert await greeted(port, known)
        for context in (a_client(ca), stranger, a_client(ca, maximum_version=ssl.TLSVersion.TLSv1_2)):
            with pytest.raises(OSError):  # noqa: PT011 - what it is depends on the version of TLS
                await greeted(port, context)


async def test_an_optional_client_certificate_is_verified_if_given(place, ca):
    place.say(client_auth_type="VerifyClientCertIfGiven", client_ca_file="ca.crt")
    stranger = a_client(ca)
    trustme.CA().issue_cert("prometheus.test").configure_cert(stranger)
    async with serving(place) as port:
        assert await greeted(port, a_client(ca))
        with pytest.raises(OSError):  # noqa: PT011
            await greeted(port, stranger)


async def test_requiring_client_certificates_needs_no_restart(place, ca):
    known = a_client(ca)
    ca.issue_cert("prometheus.test").configure_cert(known)
    async with serving(place) as port:
        assert await greeted(port, a_client(ca))
        place.say(client_auth_type="RequireAndVerifyClientCert", client_ca_file="ca.crt")
        for _ in range(2):
            with pytest.raises(OSError):  # noqa: PT011
                await greeted(port, a_client(ca))

        assert await greeted(port, known)


async def test_another_client_ca_is_used_without_a_restart(place, ca):
    other_ca = trustme.CA()
    before, after = a_client(ca), a_client(ca)
    ca.issue_cert("prometheus.test").configure_cert(before)
    other_ca.issue_cert("prometheus.test").configure_cert(after)
    place.say(client_auth_type="RequireAndVerifyClientCert", client_ca_file="ca.crt")
    async with serving(place) as port:
        assert await greeted(port, before)
        with pytest.raises(OSError):  # noqa: PT011
            await greeted(port, after)
        place.write("ca.crt", other_ca.cert_pem.bytes())

        assert await greeted(port, after)
        with pytest.raises(OSError):  # noqa: PT011
            await greeted(port, before)


async def test_versions_change_without_a_restart_after_one_refused_handshake(place, ca):
    old = a_client(ca, maximum_version=ssl.TLSVersion.TLSv1_2)
    async with serving(place) as port:
        assert (await greeted(port, old))[1] == "TLSv1.2"
        place.say(min_version="TLS13")
        with pytest.raises(OSError):  # noqa: PT011 - the handshake that began with the settings from before
            await greeted(port, a_client(ca))

        assert (await greeted(port, a_client(ca)))[1] == "TLSv1.3"
        with pytest.raises(OSError):  # noqa: PT011
            await greeted(port, old)


@pytest.mark.parametrize(
    ("section", "spoken"),
    [
        ({}, {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}),
        ({"min_version": "TLS10"}, {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}),
        ({"min_version": "TLS13"}, {"TLSv1_2": None, "TLSv1_3": "TLSv1.3"}),
        ({"max_version": "TLS12"}, {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.2"}),
        ({"cipher_suites": ["TLS_AES_128_GCM_SHA256"]}, {"TLSv1_2": None, "TLSv1_3": "TLSv1.3"}),
    ],
    ids=str,
)
async def test_only_the_configured_versions_are_accepted(place, ca, section, spoken):
    place.say(**section)
    async with serving(place) as port:
        for newest, expected in spoken.items():
            context = a_client(ca, maximum_version=ssl.TLSVersion[newest])
            if expected is None:
                with pytest.raises(OSError):  # noqa: PT011
                    await greeted(port, context)
            else:
                assert (await greeted(port, context))[1] == expected


@pytest.mark.parametrize("suite", [ECDSA, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"])
async def test_only_the_configured_cipher_suites_are_accepted(place, ca, suite):
    place.say(cipher_suites=[RSA, suite])
    async with serving(place) as port:
        *_, cipher = await greeted(port, a_client(ca, maximum_version=ssl.TLSVersion.TLSv1_2))

    assert cipher == CIPHERS[suite]


@pytest.mark.parametrize("suite", CIPHERS)
async def test_openssl_has_every_cipher_suite(place, suite):
    section = {"cert_file": "server.crt", "key_file": "server.key", "cipher_suites": [suite]}
    context = build_context(TlsServerConfig(**section), place.folder)

    assert CIPHERS[suite] in [cipher["name"] for cipher in context.get_ciphers()]


@pytest.mark.parametrize("prefers", [True, False])
async def test_the_cipher_preference_of_the_server_is_configurable(place, prefers):
    section = {"cert_file": "server.crt", "key_file": "server.key", "prefer_server_cipher_suites": prefers}
    context = build_context(TlsServerConfig(**section), place.folder)

    assert bool(context.options & ssl.OP_CIPHER_SERVER_PREFERENCE) is prefers


async def test_tls_is_switched_off_by_a_restart_only(place, ca):
    async with serving(place) as port:
        place.write("web.yml", b"")
        with structlog.testing.capture_logs() as lines:
            names, _, _ = await greeted(port, a_client(ca))

    assert names == {"localhost"}
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == [
        "web_config_file: restart the exporter to switch TLS on or off"
    ]
    assert WebConfigFile(place.file).tls is None


async def test_tls_is_switched_on_by_a_restart_only(place):
    place.write("web.yml", b"")
    web_config = WebConfigFile(place.file)
    place.say()
    with structlog.testing.capture_logs() as lines:
        web_config.config()

    assert web_config.tls is None
    assert [line["log_level"] for line in lines] == ["info", "warning"]


@contextmanager
def named(*words: str):
    """The start fails with a message that holds the words."""
    with pytest.raises(ConfigurationError) as caught:
        yield
    for word in ("web_config_file", *words):
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["cert_file", "key_file"])
@pytest.mark.parametrize("value", ["nowhere.pem", "web.yml", ".", "a\0b"], ids=repr)
async def test_an_unusable_certificate_is_named(place, name, value):
    place.say(**{name: value})
    with named("tls_server_config.cert_file, key_file", "match"):
        WebConfigFile(place.file)


async def test_a_key_of_another_certificate_is_named(place, ca):
    place.write("other.key", ca.issue_cert("other.test").private_key_pem.bytes())
    place.say(key_file="other.key")
    with named("mismatch", "match"):
        WebConfigFile(place.file)


@pytest.mark.parametrize("value", ["nowhere.pem", "web.yml", "."])
async def test_an_unusable_ca_is_named(place, value):
    place.say(client_auth_type="RequireAndVerifyClientCert", client_ca_file=value)
    with named("tls_server_config.client_ca_file", "PEM certificates"):
        WebConfigFile(place.file)


async def test_an_encrypted_key_is_named_without_a_prompt(place):
    key = place.folder / "server.key"
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    place.write("server.key", locked)
    with named("key_file: is encrypted; use a key without a password"):
        WebConfigFile(place.file)


async def test_only_http_1_is_negotiated(place, ca):
    context = a_client(ca)
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with serving(place) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        writer.close()
