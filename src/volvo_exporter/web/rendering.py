"""The templates of all pages."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def template_environment() -> Environment:
    """Return the environment of the templates: text is escaped, and an unknown name is an error."""
    return Environment(
        loader=PackageLoader("volvo_exporter.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
