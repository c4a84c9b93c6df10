"""Volvo ID's consent page, and a client that submits it for tests and the demo."""

from collections.abc import Mapping, Sequence
from html import escape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import httpx2

from volvo_exporter.simulator.profiles import Profile

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }
fieldset { margin: 1rem 0; } label { display: block; }
button { font: inherit; padding: .5rem 1.5rem; margin-right: .5rem; }
"""


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body><main><h1>{escape(title)}</h1>\n{content}</main></body></html>\n"
    )


def consent_page(parameters: Mapping[str, str], scope: Sequence[str], cars: Sequence[Profile]) -> str:
    """Return the page that asks for access to the selected cars."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
        for name, value in parameters.items()
    )
    boxes = "".join(
        f'<label><input type="checkbox" name="vin" value="{escape(car.vin)}" checked> '
        f"{escape(car.model)} {car.model_year} ({escape(car.vin)})</label>\n"
        for car in cars
    )
    boxes = boxes or "<p>This account has no cars.</p>\n"
    scopes = "".join(f"<li><code>{escape(name)}</code></li>" for name in scope)
    return _page(
        "Volvo ID (simulated)",
        f"<p><strong>{escape(parameters.get('client_id', ''))}</strong> requests access to your cars.</p>\n"
        f'<form method="post" action="/as/authorization.oauth2">\n{hidden}'
        f"<fieldset><legend>Cars to share</legend>\n{boxes}</fieldset>\n"
        f"<details><summary>Requested scopes</summary><ul>{scopes}</ul></details>\n"
        '<p><button name="decision" value="allow">Allow</button>'
        '<button name="decision" value="refuse">Refuse</button></p>\n</form>\n',
    )


def error_page(message: str) -> str:
    """Return the page for a request that must not be redirected."""
    return _page("Invalid request", f"<p>{escape(message)}</p>\n")


class _Inputs(HTMLParser):
    """Parser that collects the inputs of a form."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            attributes = dict(attrs)
            self.found.append((attributes.get("name") or "", attributes.get("value") or ""))


async def approve(
    client: httpx2.AsyncClient, url: str, *, vins: Sequence[str] | None = None, refuse: bool = False
) -> str:
    """Open an authorize URL, select cars (None selects all), submit; returns the URL of the redirect.

    The client must not follow redirects. If Volvo ID redirects without showing a form, that URL is returned.

    Raises:
        ValueError: the answer is an error page; the message has its status.
    """
    page = await client.get(url)
    if "location" in page.headers:
        return page.headers["location"]
    if not page.is_success:
        msg = f"Volvo ID returned an error page (HTTP {page.status_code})"
        raise ValueError(msg)
    parser = _Inputs()
    parser.feed(page.text)
    form: dict[str, str | list[str]] = {name: value for name, value in parser.found if name != "vin"}
    offered = [value for name, value in parser.found if name == "vin"]
    form["vin"] = [vin for vin in offered if vins is None or vin in vins]
    form["decision"] = "refuse" if refuse else "allow"
    response = await client.post(str(page.url.join("/as/authorization.oauth2")), data=form)
    return response.headers["location"]


def query_of(url: str) -> dict[str, str]:
    """Return the query parameters of a URL, such as `code` and `state` of a redirect."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
