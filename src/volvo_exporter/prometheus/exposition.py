"""Renders samples as text when they change; the text is joined at each scrape.

Gauges are the same in text 0.0.4 and OpenMetrics 1.0, so rendered lines are used for both.
"""

from collections.abc import Iterable, Mapping

from volvo_exporter.catalogue.model import Family, Labels
from volvo_exporter.vehicles.samples import Sample

ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render_labels(labels: Labels) -> str:
    """Return labels as `name="value",…` without braces."""
    return ",".join(f'{name}="{value.translate(ESCAPES)}"' for name, value in labels)


def render_samples(attributes: str, samples: Iterable[Sample]) -> bytes:
    """Return the lines of one family of one vehicle; `attributes` are its rendered labels."""
    lines = []
    for sample in samples:
        labels = f"{attributes},{render_labels(sample.labels)}" if sample.labels else attributes
        lines.append(f"{sample.family.name}{{{labels}}} {sample.value!r}\n")
    return "".join(lines).encode()


def render_header(family: Family) -> bytes:
    """Return the HELP and TYPE lines of a family of gauges, the same in both formats."""
    text = family.help.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {family.name} {text}\n# TYPE {family.name} {family.kind}\n".encode()


def parts(headers: Mapping[str, bytes], lines: Mapping[str, Mapping[str, bytes]]) -> list[bytes]:
    """Return the exposition of all vehicles: the header of each family, then the lines of each vehicle.

    `headers` maps family names to headers in the order of the exposition,
    `lines` maps them to the rendered lines of each vehicle.
    """
    found: list[bytes] = []
    for name, header in headers.items():
        if of_vehicles := lines.get(name):
            found.append(header)
            found.extend(of_vehicles.values())
    return found
