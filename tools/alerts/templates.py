"""Templates of messages as Prometheus writes them."""

import re
from string import Formatter

FORMATS = {
    "": "",
    "spaced": ' | reReplaceAll "_" " "',
    "duration": " | humanizeDuration",
    "percent": " | humanizePercentage",
}
"""Go template functions by format; `spaced` writes `rear_left` as `rear left`. Also: `.0f`, `.1f`, …"""
VALUE = "value"
"""Name of the expression's result in a template; all other names are labels."""


def to_prometheus(template: str) -> str:
    """Return the template in the syntax of Prometheus; raises ValueError for an unknown format."""
    return "".join(text + _field(name, spec) for text, name, spec, _ in Formatter().parse(template))


def names(template: str) -> set[str]:
    """Return the labels that a template uses, without the value."""
    return {name for _, name, _, _ in Formatter().parse(template) if name} - {VALUE}


def _field(name: str | None, spec: str | None) -> str:
    if name is None:
        return ""
    source = "$value" if name == VALUE else f"$labels.{name}"
    return f"{{{{ {source}{_function(spec or '')} }}}}"


def _function(spec: str) -> str:
    if re.fullmatch(r"\.\df", spec):
        return f' | printf "%{spec}"'
    if spec not in FORMATS:
        message = f"unknown format {spec!r}; use one of {', '.join(filter(None, FORMATS))} or e.g. .1f"
        raise ValueError(message)
    return FORMATS[spec]
