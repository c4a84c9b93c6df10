"""The templates of all pages."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from volvo_exporter.web import moments
from volvo_exporter.web.formatting import ENGLISH, Formatter

ROOT = "./"
"""Link from a page to the status page beside it; links are relative, to work under a path prefix."""
PARENT = "../"
"""Link to the status page from a page one folder below it."""


@cache
def template_environment(formatter: Formatter = ENGLISH) -> Environment:
    """Return the environment of the templates: text is escaped, and an unknown name is an error.

    Templates write links as `{{ root }}login`; a page in a folder passes its own `root`. They translate with
    `_("…")`, and format values with `f`, in the language of their environment.
    """
    environment = Environment(
        loader=PackageLoader("volvo_exporter.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        root=ROOT, f=formatter, moments=moments, _=formatter.gettext, ngettext=formatter.ngettext
    )
    return environment
