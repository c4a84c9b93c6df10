"""Dashboard of the exporter: quota, login, requests and resources."""

from tools.dashboards.mappings import (
    ANSWERED,
    GOOD,
    LOGIN,
    UP,
)
from tools.dashboards.model import (
    AGO,
    CARS,
    COUNT,
    MS,
    RATE,
    SECONDS,
    THOUSANDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    Variable,
    named,
    one,
    pick,
    value,
)
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue.model import Family

EACH = ("vin", "resource")


def account(family: Family, how: str = "max") -> str:
    """Return a value of the exporter for each selected account."""
    return f'{how} by (account) ({family.name}{{account=~"$account"}})'


def requests(*by: str, errors: bool = False) -> str:
    """Return the requests per second, by these labels."""
    chosen = '{status_code!~"2..|404"}' if errors else ""
    return f"sum by ({', '.join(by)}) (rate({f.HTTP_REQUESTS.name}{chosen}[$__rate_interval]))"


def slower_than(share: float, *by: str) -> str:
    """Return the time in seconds within which this share of the requests was answered."""
    buckets = f"rate({f.HTTP_DURATION.name}_bucket[$__rate_interval])"
    return f"histogram_quantile({share}, sum by ({', '.join((*by, 'le'))}) ({buckets}))"


QUOTA = (
    Panel(
        title="Daily quota",
        description="Requests sent since 00:00 UTC, requests left, and the forecast for the next reset.",
        queries=(
            Query(expr=account(f.QUOTA_USED), legend="{{account}} used"),
            Query(expr=account(f.QUOTA_REMAINING), legend="{{account}} left"),
            Query(expr=account(f.QUOTA_FORECAST), legend="{{account}} forecast"),
            Query(expr=account(f.QUOTA_LIMIT), legend="{{account}} limit"),
        ),
        unit=THOUSANDS,
        decimals=0,
        width=10,
        height=5,
    ),
    Panel(
        title="Login",
        description="Whether a login at Volvo ID is required, when the login ends (estimated: 180 days after "
        "the last one), when the access token is renewed, and when the quota is reset.",
        queries=(
            Query(expr=account(f.LOGIN_REQUIRED), legend="{{account}}", mappings=LOGIN),
            Query(expr=account(f.GRANT_EXPIRY, "min") + MS, legend="{{account}} login ends", unit=AGO),
            Query(expr=account(f.TOKEN_EXPIRY) + MS, legend="{{account}} token expires", unit=AGO),
            Query(expr=account(f.QUOTA_RESET) + MS, legend="{{account}} quota reset", unit=AGO),
        ),
        unit=COUNT,
        width=14,
        height=5,
    ),
    Panel(
        title="Quota over time",
        description="Requests used, forecast and limit.",
        queries=(
            Query(expr=account(f.QUOTA_USED), legend="{{account}} used"),
            Query(expr=account(f.QUOTA_FORECAST), legend="{{account}} forecast"),
            Query(expr=account(f.QUOTA_LIMIT), legend="{{account}} limit"),
        ),
        kind=Kind.GRAPH,
        unit=THOUSANDS,
        width=16,
        height=8,
    ),
    Panel(
        title="Exporter",
        description="Whether Prometheus can scrape the exporter, its version and that of Python, and the "
        "renewals of the token and the updates left out in the selected time range.",
        queries=(
            Query(
                expr=f"max(up and on (instance) last_over_time({f.BUILD_INFO.name}[$__range]))",
                legend="Exporter",
                mappings=UP,
            ),
            Query(
                expr=f"max by (version, python_version) ({f.BUILD_INFO.name})",
                legend="{{version}} on Python {{python_version}}",
                mappings=((1, "Running", GOOD),),
            ),
            Query(
                expr="sum by (outcome) "
                f'(increase({f.TOKEN_REFRESHES.name}{{account=~"$account"}}[$__range]))',
                legend="Token {{outcome}}",
            ),
            Query(
                expr=f"sum(increase({f.DROPPED_UPDATES.name}[$__range]))",
                legend="Updates left out",
            ),
        ),
        unit=COUNT,
        decimals=0,
        width=8,
        height=8,
    ),
)
TRAFFIC = (
    one(
        "Requests by endpoint",
        "Requests per second to each endpoint.",
        requests("endpoint"),
        "{{endpoint}}",
        kind=Kind.GRAPH,
        unit=RATE,
        width=12,
        height=8,
    ),
    Panel(
        title="Response time",
        description="Median and 95th percentile of the response time.",
        queries=(
            Query(expr=slower_than(0.5), legend="Median"),
            Query(expr=slower_than(0.95), legend="95th percentile"),
        ),
        kind=Kind.GRAPH,
        unit=SECONDS,
        width=12,
        height=8,
    ),
    one(
        "Failed requests",
        "Failed requests per second, by endpoint and status code. 404 is left out: Volvo answers it for what "
        "a car does not have.",
        requests("endpoint", "status_code", errors=True),
        "{{status_code}} {{endpoint}}",
        kind=Kind.GRAPH,
        unit=RATE,
        no_value="No failed requests",
        width=8,
        height=8,
    ),
    one(
        "Unknown values",
        "Values that the exporter did not know and did not export, in the selected time range.",
        f"sum by (resource, field, reason) (increase({f.UNMAPPED_VALUES.name}[$__range])) > 0",
        "{{resource}} {{field}} {{reason}}",
        kind=Kind.EXCEPTIONS,
        unit=COUNT,
        decimals=0,
        no_value="No unknown values",
        width=8,
        height=8,
    ),
    one(
        "Polling delay",
        "Delay of the most overdue request.",
        f"max({f.SCHEDULER_LAG.name})",
        "Delay",
        kind=Kind.GRAPH,
        unit=SECONDS,
        width=8,
        height=8,
    ),
)
POLLS = (
    Panel(
        title="Resources",
        description="Status, last success and polling interval of each resource of each car.",
        queries=(
            Query(expr=named(value(f.RESOURCE_UP, *EACH, **CARS)), legend="Status", mappings=ANSWERED),
            Query(
                expr=named(value(f.RESOURCE_LAST_SUCCESS, *EACH, **CARS)) + MS,
                legend="Last success",
                unit=AGO,
            ),
            Query(expr=named(value(f.RESOURCE_INTERVAL, *EACH, **CARS)), legend="Interval", unit=SECONDS),
        ),
        kind=Kind.TABLE,
        columns=(("car", "Car"), ("vin", "VIN"), ("resource", "Resource")),
        unit=COUNT,
        width=24,
        height=12,
    ),
)
ACCOUNT = Variable(
    name="account",
    label="Account",
    description="Accounts of the exporter.",
    query=f"label_values({f.QUOTA_LIMIT.name}, account)",
    many=True,
)
EXPORTER = Dashboard(
    uid="volvo-exporter",
    file="volvo-exporter.json",
    title="Volvo: exporter",
    description="The exporter: quota, login, requests to Volvo and their results.",
    variables=(ACCOUNT, pick(many=True)),
    rows=(
        Row(title="Quota, login and exporter", panels=QUOTA),
        Row(title="Requests", panels=TRAFFIC),
        Row(title="Resources", panels=POLLS),
    ),
)
