"""TLS: the section `tls_server_config` of the web configuration, and its translation to Python's `ssl`.

The names follow docs/web-configuration.md of Prometheus's exporter-toolkit, and so Go's crypto/tls.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn, Self

from pydantic import BaseModel, ConfigDict, model_validator

from volvo_exporter.volvo.errors import ConfigurationError

CIPHERS: Mapping[str, str] = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
}
"""OpenSSL's names of the TLS 1.2 cipher suites that Go lists as secure, by Go's name."""
CIPHERS_OF_TLS13 = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
)
"""Always enabled with TLS 1.3, as in Go."""

VERSIONS: Mapping[str, ssl.TLSVersion] = {
    # TLS 1.0 and 1.1 are deprecated (RFC 8996); as bounds they mean 1.2.
    "TLS10": ssl.TLSVersion.TLSv1_2,
    "TLS11": ssl.TLSVersion.TLSv1_2,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}

CLIENT_AUTH_TYPES: Mapping[str, ssl.VerifyMode] = {
    "": ssl.CERT_NONE,
    "NoClientCert": ssl.CERT_NONE,
    "RequestClientCert": ssl.CERT_NONE,  # accepts every client, with any certificate or none
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
UNVERIFIED_AUTH_TYPES = ("RequireAnyClientCert", "RequireClientCert")
"""Types that require a certificate but do not verify it; refused, as any certificate would be accepted."""

UNSUPPORTED: Mapping[str, str] = {
    "cert": "write the certificate to a file and name it in cert_file",
    "key": "write the key to a file and name it in key_file",
    "client_ca": "write the certificate to a file and name it in client_ca_file",
    "curve_preferences": "remove it; OpenSSL chooses the curves",
    "client_allowed_sans": "remove it, and use a separate CA (client_ca_file) for the allowed clients",
}
"""Keys of the toolkit that are not supported, and what to do instead."""


class TlsServerConfig(BaseModel):
    """The section `tls_server_config`; paths as written in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    cert_file: Path
    key_file: Path
    client_auth_type: str = ""
    client_ca_file: Path | None = None
    min_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] = "TLS12"
    max_version: Literal["TLS12", "TLS13"] = "TLS13"
    cipher_suites: tuple[str, ...] = ()
    prefer_server_cipher_suites: bool = True

    @model_validator(mode="before")
    @classmethod
    def _refuse_unsupported(cls, values: object) -> object:
        return refuse(values, UNSUPPORTED)

    @model_validator(mode="after")
    def _check_clients(self) -> Self:
        problem = ""
        if self.client_auth_type in UNVERIFIED_AUTH_TYPES:
            problem = f"{self.client_auth_type} accepts any certificate; use RequireAndVerifyClientCert"
        elif self.client_auth_type not in CLIENT_AUTH_TYPES:
            problem = f"unknown client_auth_type; use one of {', '.join(filter(None, CLIENT_AUTH_TYPES))}"
        elif CLIENT_AUTH_TYPES[self.client_auth_type] is not ssl.CERT_NONE and self.client_ca_file is None:
            problem = f"{self.client_auth_type} requires client_ca_file, the CA of the client certificates"
        elif self.client_auth_type in ("", "NoClientCert") and self.client_ca_file is not None:
            problem = "client_ca_file requires client_auth_type: RequireAndVerifyClientCert; or remove it"
        if problem:
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _check_versions(self) -> Self:
        if VERSIONS[self.min_version] > VERSIONS[self.max_version]:
            message = "min_version is higher than max_version; remove max_version"
            raise ValueError(message)
        unknown = [name for name in self.cipher_suites if name not in (*CIPHERS, *CIPHERS_OF_TLS13)]
        if unknown:
            number = self.cipher_suites.index(unknown[0]) + 1
            message = f"cipher_suites: entry {number} is unknown; use {', '.join(CIPHERS)}"
            raise ValueError(message)
        return self

    @property
    def handshake(self) -> tuple[object, ...]:
        """Return the settings that apply from the start of a handshake, for comparison."""
        versions = self.min_version, self.max_version
        return *versions, self.client_auth_type, self.cipher_suites, self.prefer_server_cipher_suites

    def files(self, folder: Path) -> tuple[Path, ...]:
        """Return the files in the section; relative paths are relative to the folder."""
        names = (self.cert_file, self.key_file, self.client_ca_file)
        return tuple(folder / name for name in names if name is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What TLS connections use: the section and the context built from it."""

    section: TlsServerConfig
    context: ssl.SSLContext


def refuse(values: object, unsupported: Mapping[str, str]) -> object:
    """Return the values unchanged.

    Raises:
        ValueError: a key is not supported; the message has the fix.
    """
    given = values if isinstance(values, dict) else {}
    problems = [f"{name} is not supported: {fix}" for name, fix in unsupported.items() if name in given]
    if problems:
        raise ValueError("; ".join(problems))
    return values


def build_context(section: TlsServerConfig, folder: Path) -> ssl.SSLContext:
    """Return the context of a server.

    Raises:
        ConfigurationError: a file cannot be used; the message names it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    configure_handshake(context, section)
    cert_file, key_file, *client_ca_files = section.files(folder)
    _load(
        lambda: context.load_cert_chain(cert_file, key_file, password=_refuse_password),
        "cert_file, key_file",
        "both files must exist, be in PEM format and match",
    )
    for client_ca_file in client_ca_files:
        _load(
            lambda file=client_ca_file: context.load_verify_locations(file),  # type: ignore[misc]
            "client_ca_file",
            "the file must exist and contain PEM certificates",
        )
    return context


def configure_handshake(context: ssl.SSLContext, section: TlsServerConfig) -> None:
    """Set versions, cipher suites and whether clients need a certificate."""
    context.minimum_version = VERSIONS[section.min_version]
    context.maximum_version = VERSIONS[section.max_version]
    if section.prefer_server_cipher_suites:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers("DEFAULT")
    if section.cipher_suites:
        _set_ciphers(context, section)
    context.verify_mode = CLIENT_AUTH_TYPES[section.client_auth_type]


def follow(front: ssl.SSLContext, current: Callable[[], Tls]) -> None:
    """Make a server's context use the current certificate, client CA and settings, without a restart.

    During a handshake (`sni_callback`), OpenSSL can take certificate and client CA from another context, but
    versions, cipher suites and whether a client certificate is required only from the first one. After a
    change of these, one handshake is refused; the next one uses the new settings.
    """
    applied = current().section

    def switch(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> int | None:
        nonlocal applied
        tls = current()
        if tls.section.handshake != applied.handshake:
            applied = tls.section
            configure_handshake(front, applied)
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        if tls.context is not front:
            connection.context = tls.context
        return None

    front.sni_callback = switch


def _set_ciphers(context: ssl.SSLContext, section: TlsServerConfig) -> None:
    names = [CIPHERS[name] for name in section.cipher_suites if name in CIPHERS]
    if names:
        _load(lambda: context.set_ciphers(":".join(names)), "cipher_suites", "choose others")
        return
    if section.max_version != "TLS13":
        message = "tls_server_config.cipher_suites: no TLS 1.2 cipher suite in the list; remove max_version"
        raise ConfigurationError(message)
    context.minimum_version = ssl.TLSVersion.TLSv1_3


def _load(load: Callable[[], None], keys: str, fix: str) -> None:
    try:
        load()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "strerror", None) or "unexpected content"
        if isinstance(error, ssl.SSLError):
            reason = (error.reason or "no certificate or key in it").lower().replace("_", " ")
        message = f"tls_server_config.{keys}: cannot be used ({reason}); {fix}"
        raise ConfigurationError(message) from None


def _refuse_password() -> NoReturn:
    """Raise an error instead of the password prompt of OpenSSL."""
    message = "tls_server_config.key_file: is encrypted; use a key without a password"
    raise ConfigurationError(message)
