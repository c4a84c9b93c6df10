"""The figures of the polling benchmark as Markdown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.policies import EXPORTER, POLICIES

Figures = Mapping[str, Any]
"""The measured figures, as they are written as JSON."""

INTERVALS = {
    "Home Assistant": "doors, windows 1 min; engine status, energy 2 min; accessibility, fuel, location "
    "15 min; the rest 60 min; what a car does not have is not requested",
    "everything": "all 17 resources of a car every 300 s",
    "original": "details, engine status, diagnostics, odometer, statistics, tyres, warnings, energy, "
    "location every 300 s; statistics every 10 s while its polls report a running engine",
}


def sections(results: Figures) -> Iterator[str]:
    """Yield the sections, each with a heading and a table."""
    policies = "\n".join(f"- **{name}**: {text}." for name, text in INTERVALS.items())
    yield f"## Aims\n\n{_aims(results)}"
    yield (
        f"## Calls per car and day\n\n{results['days']:.0f} days. The fixed timetables ignore the quota:\n\n"
        f"{policies}\n\nA mixed day has a trip, a parked day neither a trip nor a charge; on some of those"
        f" the car was asleep all day.\n\n{_calls(results['calls'])}"
    )
    yield (
        "## From the upload to `/metrics`\n\nSeconds, median / 95th percentile. *never* counts the changes"
        " that a client does not request; its figures do not include them. *Exporter's mean* is of the"
        f" changes that the client reports.\n\n{_ages(results['ages'])}"
    )
    yield f"## The same while the car drives or charges\n\n{_ages(results['moving'])}"
    yield (
        "## From the event to `/metrics`\n\nThe same changes, counted from the event in the car. The"
        " difference is the delay of the upload; some cars upload odometer and statistics only at the end of"
        f" a drive.\n\n{_ages(results['ages_from_event'])}"
    )
    yield (
        "## The same while the car drives or charges, from the event\n\n"
        f"{_ages(results['moving_from_event'])}"
    )
    yield (
        "## The exporter's calls by resource\n\nPer car and day, and per car and hour.\n\n"
        f"{_breakdown(results['breakdown'])}"
    )
    yield f"## Many cars on one key\n\n{_fleet(results['fleet'])}"
    yield (
        f"{results['compared']} readings were compared at random moments with the cloud's values"
        " at the last poll: all were equal."
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table: text aligned left, numbers right."""
    body = [head, [":--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in body)


def _aims(results: Figures) -> str:
    rows = [
        (aim["aim"], f"{aim['figure']:.3g}", f"{aim['limit']:.3g}", "yes" if aim["met"] else "**no**")
        for aim in results["aims"]
    ]
    return table(("Aim", "Figure", "Limit", "Met"), rows)


def _calls(calls: Figures) -> str:
    rows = [
        (
            place,
            str(row["car_days"]),
            *(f"{row[policy]:.0f}" for policy in POLICIES),
            f"{row['ratio']:.0%}",
        )
        for place, row in calls.items()
    ]
    return table(("Day", "Car-days", *POLICIES, "of Home Assistant's"), rows)


def _ages(ages: Figures) -> str:
    kinds = [kind for kind, figures in ages[EXPORTER].items() if figures["changes"]]
    rows = [
        (kind, str(ages[EXPORTER][kind]["changes"]), *(_age(ages[policy][kind]) for policy in POLICIES))
        for kind in kinds
    ]
    means = {
        "mean": [_seconds(ages[policy]["all"]["mean"]) for policy in POLICIES],
        "exporter's mean": [_seconds(ages[policy]["all"]["alike"]) for policy in POLICIES],
    }
    return table(("Change", "Count", *POLICIES), [*rows, *((name, "", *row) for name, row in means.items())])


def _age(figures: Figures) -> str:
    if figures["median"] is None:
        return "never"
    ages = f"{figures['median']:.0f} / {figures['p95']:.0f}"
    return f"{ages} (never: {figures['never']})" if figures["never"] else ages


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _breakdown(breakdown: Figures) -> str:
    columns = [(when, what) for when in ("a day", "an hour") for what in breakdown[when]]
    names = list(next(iter(breakdown["a day"].values())))
    rows = [
        (name, *(f"{breakdown[when][what].get(name, 0):.3g}" for when, what in columns)) for name in names
    ]
    sums = [f"{sum(breakdown[when][what].values()):.0f}" for when, what in columns]
    head = (f"day: {what}" if when == "a day" else f"hour: {what}" for when, what in columns)
    return table(("Resource", *head), [*rows, ("all", *sums)])


def _fleet(fleet: Figures) -> str:
    moving, from_event = fleet["moving"], fleet["moving_from_event"]
    rows = (
        ("calls a day", ", ".join(str(calls) for calls in fleet["calls"])),
        ("answers 403 or 429", str(fleet["refused"])),
        ("longest time without an answer about the engine, any car, seconds", f"{fleet['largest_gap']:.0f}"),
        ("fewest such answers in an hour, any car", str(fleet["fewest_polls_in_an_hour"])),
        *((f"driving or charging: {kind}, median / 95th percentile", _age(moving[kind])) for kind in moving),
        ("driving or charging, from the event: all, median / 95th percentile", _age(from_event["all"])),
    )
    return table((f"{fleet['cars']} cars", ""), rows)
