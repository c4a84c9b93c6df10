"""The text of a scrape: samples rendered once, when they changed, and joined when Prometheus asks.

Text 0.0.4 and OpenMetrics 1.0 write the sample of a gauge alike, so rendered lines serve both.
"""

from collections.abc import Iterable, Mapping

from volvo_exporter.catalogue.model import Family, Labels
from volvo_exporter.vehicles.samples import Sample

ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render_labels(labels: Labels) -> str:
    """`name="value",…` without braces."""
    return ",".join(f'{name}="{value.translate(ESCAPES)}"' for name, value in labels)


def render_samples(attributes: str, samples: Iterable[Sample]) -> bytes:
    """The lines of one family of one vehicle; `attributes` are its labels, rendered."""
    lines = []
    for sample in samples:
        labels = f"{attributes},{render_labels(sample.labels)}" if sample.labels else attributes
        lines.append(f"{sample.family.name}{{{labels}}} {sample.value!r}\n")
    return "".join(lines).encode()


def render_header(family: Family) -> bytes:
    """HELP and TYPE of a family of gauges, as both formats write them."""
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
