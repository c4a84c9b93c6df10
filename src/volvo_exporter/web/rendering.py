"""The templates of all pages."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

ROOT = "./"
"""Link from a page to the status page beside it; links are relative, to work under a path prefix."""
PARENT = "../"
"""Link to the status page from a page one folder below it."""


def template_environment() -> Environment:
    """Return the environment of the templates: text is escaped, and an unknown name is an error.

    Templates write links as `{{ root }}login`; a page in a folder passes its own `root`.
    """
    environment = Environment(
        loader=PackageLoader("volvo_exporter.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["root"] = ROOT
    return environment
