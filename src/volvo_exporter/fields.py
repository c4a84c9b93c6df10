"""Types of settings: read and validate a value of config.yaml or the environment.

A ValueError contains the problem and the fix, but not the value, which may be a secret.
Imports no other module of the package.
"""

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import httpx2
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

VIN_LENGTH = 17
NOT_IN_A_VIN = re.compile(r"[IOQ]")  # ISO 3779: they look like 1 and 0
CURLY_QUOTES = "“”„‟‘’‚‛«»"  # noqa: RUF001 - these are the point
PLACEHOLDER = re.compile(r"…|\.{3,}|x{3,}|<.*>|your[ _-].*|change[ _-]?me", re.IGNORECASE)
"""Example values: `…` in the README, `YOUR_…_HERE` in the original exporter's config.yaml, and usual ones."""
EXAMPLE_VIN = re.compile(r"X{6}|YOUR")
"""`YV1XXXXXXXXXXXXXX` in config.example.yaml, and `YOUR_VIN_HERE`."""
INVISIBLE = {"\ufeff": "a byte order mark", "\u200b": "a zero-width space", "\u00a0": "a no-break space"}


def number_as_text(value: object) -> object:
    """Accept a number in YAML for text, e.g. a client id of digits only."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def read_line(value: object) -> object:
    """Read one line of text; raise ValueError for curly quotes around it and for control characters."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if any(letter in CURLY_QUOTES for letter in text[:1] + text[-1:]):
        message = 'has curly quotes; replace them with straight quotes (") or remove them'
        raise ValueError(message)
    if "\n" in text or "\r" in text:
        message = "contains a line break; put the value on one line"
        raise ValueError(message)
    if any(ord(letter) < ord(" ") or letter == "\x7f" for letter in text):
        message = "contains a control character; enter the value again"
        raise ValueError(message)
    return text


def read_credential(value: object) -> object:
    """Read a client id, secret or key; raise ValueError for characters that are invalid in an HTTP header."""
    text = read_line(number_as_text(value))
    if not isinstance(text, str):
        return text
    if PLACEHOLDER.fullmatch(text):
        message = "is the placeholder from the example; replace it with your own value"
        raise ValueError(message)
    for number, letter in enumerate(text, start=1):
        if letter.isascii() and letter != " ":
            continue
        found = "a space" if letter == " " else INVISIBLE.get(letter, "not an ASCII character")
        message = f"character {number} of {len(text)} is {found}; copy the value again or type it"
        raise ValueError(message)
    return text


def read_words(value: object) -> object:
    """Read a value, several separated by commas or spaces, or a list."""
    if value is None:
        return ()
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    return tuple(map(read_line, words)) if isinstance(words, (list, tuple)) else words


def read_several(value: object) -> object:
    """Read a value, several separated by spaces, or a list; a comma can be part of a URL."""
    if value is None:
        return ()
    return tuple(value.split()) if isinstance(value, str) else value


def read_vin(text: str) -> str:
    """Return a VIN in upper case, as the API requires; raise ValueError with its last four characters."""
    vin = text.strip().upper()
    end = f"…{vin[-4:]}"
    if EXAMPLE_VIN.search(vin):
        message = f"{end} is the placeholder from the example; replace it with your VIN or remove the line"
    elif len(vin) != VIN_LENGTH:
        message = (
            f"{end} has {len(vin)} characters instead of {VIN_LENGTH}; copy it from the registration document"
        )
    elif found := NOT_IN_A_VIN.search(vin):
        message = f"{end} contains the letter {found[0]}; a VIN has no I, O or Q: use 1 or 0"
    elif not (vin.isascii() and vin.isalnum()):
        message = f"{end} contains a character other than A-Z and 0-9; copy the VIN again"
    else:
        return vin
    raise ValueError(message)


def read_vins(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Read VINs; raise ValueError with one line for each invalid one."""
    vins, wrong = [], []
    for text in texts:
        try:
            vins.append(read_vin(text))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("\n".join(wrong))
    return tuple(vins)


def is_url(text: str) -> bool:
    """Return whether the text is a complete HTTP URL that the HTTP client accepts."""
    try:
        httpx2.URL(text)
        parts = urlsplit(text)
        host = (parts.hostname or "").encode(
            "idna"
        )  # as the resolver does: raises for an empty or long label
        return parts.scheme in ("http", "https") and bool(host) and parts.port != 0 and " " not in text
    except (ValueError, httpx2.InvalidURL):  # an open bracket, a port above 65535, a host that IDNA refuses
        return False


def read_host(text: str) -> str:
    """Return an IP address or a host name; raise ValueError for e.g. an address with a port."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        if not is_url(f"http://{text}") or not re.fullmatch(r"[^:/?#@]+", text):
            message = "must be an IP address or a host name without scheme and port, e.g. 0.0.0.0"
            raise ValueError(message) from None
    return text


def read_file_path(path: Path) -> Path:
    """Return a path with a file name; raise ValueError for `/`, beside which no file can be created."""
    if not Path(os.path.realpath(path)).name or not path.name:
        message = "must be the path of a file, not of a folder; add a file name"
        raise ValueError(message)
    return path


Line = Annotated[str, BeforeValidator(read_line)]
Host = Annotated[str, Field(min_length=1), BeforeValidator(read_line), AfterValidator(read_host)]
Text = Annotated[Line, BeforeValidator(number_as_text)]
Credential = Annotated[str, BeforeValidator(read_credential)]
Secret = Annotated[SecretStr, BeforeValidator(read_credential)]
Secrets = Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(read_several)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(read_words)]
Vins = Annotated[Words, AfterValidator(read_vins)]
InputFile = Annotated[Path, BeforeValidator(read_line)]
OutputFile = Annotated[InputFile, AfterValidator(read_file_path)]


def on_or_off(value: object) -> object:
    """Return `on` and `off` for the truth values that YAML reads them as."""
    return {False: "off", True: "on"}.get(value, value) if isinstance(value, bool) else value
