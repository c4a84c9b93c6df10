"""TLS: the section `tls_server_config` of the web configuration, and what Python's `ssl` makes of it.

The names are those of Prometheus's exporter-toolkit (docs/web-configuration.md there), and so of Go's
crypto/tls.
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
"""The suites of TLS 1.2 that Go calls secure, and OpenSSL's names for them."""
CIPHERS_OF_TLS13 = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
)
"""Always on with TLS 1.3, in Go as here."""

VERSIONS: Mapping[str, ssl.TLSVersion] = {
    # Nobody speaks the old two any more (RFC 8996), so they only mean that there is no other bound.
    "TLS10": ssl.TLSVersion.TLSv1_2,
    "TLS11": ssl.TLSVersion.TLSv1_2,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}

CLIENTS: Mapping[str, ssl.VerifyMode] = {
    "": ssl.CERT_NONE,
    "NoClientCert": ssl.CERT_NONE,
    "RequestClientCert": ssl.CERT_NONE,  # lets in everybody, with any certificate or none
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
LAX_CLIENTS = ("RequireAnyClientCert", "RequireClientCert")

UNSUPPORTED: Mapping[str, str] = {
    "cert": "write the certificate to a file and name it in cert_file",
    "key": "write the key to a file and name it in key_file",
    "client_ca": "write the certificate to a file and name it in client_ca_file",
    "curve_preferences": "remove it; OpenSSL chooses the curves",
    "client_allowed_sans": "remove it, and use a separate CA (client_ca_file) for the allowed clients",
}
"""What the toolkit knows and we cannot do, and what to do instead."""


class TlsServerConfig(BaseModel):
    """The section `tls_server_config`; paths are as they stand in the file."""

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
        if self.client_auth_type in LAX_CLIENTS:
            problem = f"{self.client_auth_type} accepts any certificate; use RequireAndVerifyClientCert"
        elif self.client_auth_type not in CLIENTS:
            problem = f"unknown client_auth_type; use one of {', '.join(filter(None, CLIENTS))}"
        elif CLIENTS[self.client_auth_type] is not ssl.CERT_NONE and self.client_ca_file is None:
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
        """What a handshake begins with, to compare."""
        versions = self.min_version, self.max_version
        return *versions, self.client_auth_type, self.cipher_suites, self.prefer_server_cipher_suites

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The files that it names; a relative path starts at the folder."""
        names = (self.cert_file, self.key_file, self.client_ca_file)
        return tuple(folder / name for name in names if name is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What TLS connections use: the section and the context built from it."""

    section: TlsServerConfig
    context: ssl.SSLContext


def refuse(values: object, unsupported: Mapping[str, str]) -> object:
    """Return the values; raises ValueError, with the fix, if one of them is not supported."""
    given = values if isinstance(values, dict) else {}
    problems = [f"{name} is not supported: {fix}" for name, fix in unsupported.items() if name in given]
    if problems:
        raise ValueError("; ".join(problems))
    return values


def build_context(section: TlsServerConfig, folder: Path) -> ssl.SSLContext:
    """Return the context of a server; raises ConfigurationError that names the file."""
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
    """Set what a handshake begins with: versions, cipher suites and whether clients need a certificate."""
    context.minimum_version = VERSIONS[section.min_version]
    context.maximum_version = VERSIONS[section.max_version]
    if section.prefer_server_cipher_suites:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers("DEFAULT")
    if section.cipher_suites:
        _set_ciphers(context, section)
    context.verify_mode = CLIENTS[section.client_auth_type]


def follow(front: ssl.SSLContext, current: Callable[[], Tls]) -> None:
    """Let a server's context use the certificate and the client CA of the current one, without a restart.

    OpenSSL takes these from another context in the middle of a handshake (`sni_callback`), but versions,
    cipher suites and whether a client certificate is required from the one that it began with. A handshake
    that began before such a change is therefore refused; the client's next attempt begins with the new
    settings.
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
    """Instead of OpenSSL's question at the terminal."""
    message = "tls_server_config.key_file: is encrypted; use a key without a password"
    raise ConfigurationError(message)
