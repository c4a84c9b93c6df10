"""Languages of the pages: the choice from `Accept-Language`, and the catalogues of gettext.

The catalogues in `locale/` are written by `make translations`.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from starlette.requests import Request

LANGUAGES = ("en", "sv", "de")
"""As in `Accept-Language` and `<html lang>`. English is the language of the source, and the default."""
DOMAIN = "messages"


def mark(message: str) -> str:
    """Return the message unchanged; marks a text of a table for extraction."""
    return message


def choose_language(accept: str) -> str:
    """Return the language that an `Accept-Language` header prefers (RFC 9110, section 12.5.4).

    A regional variant (`de-AT`) counts as its language; of equal weights, the first one is used.
    """
    best, weight = LANGUAGES[0], 0.0
    for item in accept.split(","):
        tag, _, quality = item.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and _weight(quality) > weight:
            best, weight = language, _weight(quality)
    return best


def language_of(request: Request) -> str:
    """Return the language of the page for a request."""
    return choose_language(request.headers.get("accept-language", ""))


@cache
def load_catalogue(language: str) -> NullTranslations:
    """Return the translations of a language; those of English return each message unchanged."""
    if language == LANGUAGES[0]:
        return NullTranslations()
    path = files("volvo_exporter.web") / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with path.open("rb") as file:
        return GNUTranslations(file)


def _weight(quality: str) -> float:
    name, _, value = quality.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
