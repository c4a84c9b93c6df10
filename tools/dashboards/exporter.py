"""The dashboard of the exporter itself: quota, login, requests and polls."""

from tools.dashboards.model import (
    AGO,
    COUNT,
    LOCAL_TIME,
    PERCENT,
    RATE,
    SECONDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    Variable,
    one,
    pick,
    series,
    value,
)
from tools.dashboards.words import (
    ANSWERED,
    BAD,
    BUSY,
    GOOD,
    LOGIN,
    UP,
    WARN,
)
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue.model import Family


def account(family: Family, how: str = "max") -> str:
    """A value of the exporter for each chosen account."""
    return f'{how} by (account) ({family.name}{{account=~"$account"}})'


def requests(*by: str, errors: bool = False) -> str:
    """Requests a second, by these labels."""
    chosen = '{status_code!~"2.."}' if errors else ""
    return f"sum by ({', '.join(by)}) (rate({f.HTTP_REQUESTS.name}{chosen}[$__rate_interval]))"


def slower_than(share: float, *by: str) -> str:
    """The time within which a share of the requests was answered."""
    buckets = f"rate({f.HTTP_DURATION.name}_bucket[$__rate_interval])"
    return f"histogram_quantile({share}, sum by ({', '.join((*by, 'le'))}) ({buckets}))"


QUOTA = (
    Panel(
        title="Calls today",
        text="Calls sent since 00:00 UTC, those left, and those expected when the quota is replenished.",
        queries=(
            Query(expr=account(f.QUOTA_USED), legend="{{account}} used"),
            Query(expr=account(f.QUOTA_REMAINING), legend="{{account}} left"),
            Query(expr=account(f.QUOTA_FORECAST), legend="{{account}} forecast"),
            Query(expr=account(f.QUOTA_LIMIT), legend="{{account}} limit"),
        ),
        unit=COUNT,
        decimals=0,
        width=10,
        height=5,
    ),
    one(
        "Forecast of the day",
        "Share of the quota that will have been used when it is replenished.",
        f"{account(f.QUOTA_FORECAST)} / {account(f.QUOTA_LIMIT)}",
        "{{account}}",
        kind=Kind.GAUGE,
        unit=PERCENT,
        high=1,
        limits=((None, GOOD), (0.9, WARN), (1, BAD)),
        width=4,
        height=5,
    ),
    one(
        "Replenished",
        "When the quota starts anew.",
        account(f.QUOTA_RESET) + " * 1000",
        "{{account}}",
        unit=AGO,
        width=4,
        height=5,
    ),
    Panel(
        title="Login",
        text="Whether somebody has to log in at Volvo ID, and when the login ends (estimated: 180 days).",
        queries=(Query(expr=account(f.LOGIN_REQUIRED), legend="{{account}}"),),
        words=LOGIN,
        width=3,
        height=5,
    ),
    one(
        "Login ends",
        "When somebody has to log in again (estimated: 180 days).",
        account(f.GRANT_EXPIRY, "min") + " * 1000",
        "{{account}}",
        unit=AGO,
        width=3,
        height=5,
    ),
    Panel(
        title="Quota over time",
        text="Calls used and forecast against the limit.",
        queries=(
            Query(expr=account(f.QUOTA_USED), legend="{{account}} used"),
            Query(expr=account(f.QUOTA_FORECAST), legend="{{account}} forecast"),
            Query(expr=account(f.QUOTA_LIMIT), legend="{{account}} limit"),
        ),
        kind=Kind.GRAPH,
        unit=COUNT,
        width=24,
        height=8,
    ),
)
TOKENS = (
    one(
        "Access token ends",
        "When the access token expires; it is renewed by itself.",
        account(f.TOKEN_EXPIRY) + " * 1000",
        "{{account}}",
        unit=LOCAL_TIME,
    ),
    one(
        "Renewals of the token",
        "How often the access token was renewed in the chosen time, by outcome.",
        f'sum by (account, outcome) (increase({f.TOKEN_REFRESHES.name}{{account=~"$account"}}[$__range]))',
        "{{account}} {{outcome}}",
        unit=COUNT,
        decimals=0,
    ),
    one(
        "Exporter",
        "Whether Prometheus reaches the exporter.",
        f"max by (instance) (up and on (instance) last_over_time({f.BUILD_INFO.name}[$__range]))",
        "{{instance}}",
        words=UP,
    ),
    one(
        "Version",
        "Version of the exporter and of Python.",
        f"max by (version, python_version) ({f.BUILD_INFO.name})",
        "{{version}} on Python {{python_version}}",
        words=((1, "Runs", GOOD),),
    ),
)
TRAFFIC = (
    one(
        "Requests",
        "Requests a second, by status; error means no answer.",
        requests("status_code"),
        "{{status_code}}",
        kind=Kind.GRAPH,
        unit=RATE,
        width=12,
        height=8,
    ),
    one(
        "Requests by endpoint",
        "Requests a second to each endpoint.",
        requests("endpoint"),
        "{{endpoint}}",
        kind=Kind.GRAPH,
        unit=RATE,
        width=12,
        height=8,
    ),
    Panel(
        title="Time until the answer",
        text="Half of the requests were answered within the lower line, 95 % within the upper.",
        queries=(
            Query(expr=slower_than(0.5), legend="Half"),
            Query(expr=slower_than(0.95), legend="95 %"),
        ),
        kind=Kind.GRAPH,
        unit=SECONDS,
        width=12,
        height=8,
    ),
    one(
        "Requests that failed",
        "Requests a second without success, by endpoint and status.",
        requests("endpoint", "status_code", errors=True),
        "{{status_code}} {{endpoint}}",
        kind=Kind.GRAPH,
        unit=RATE,
        absent="No request failed",
        width=12,
        height=8,
    ),
    one(
        "Not understood",
        "Values that the exporter left out in the chosen time because it did not understand them.",
        f"sum by (resource, field, reason) (increase({f.UNMAPPED_VALUES.name}[$__range])) > 0",
        "{{resource}} {{field}} {{reason}}",
        kind=Kind.BARS,
        unit=COUNT,
        decimals=0,
        absent="All was understood",
        width=12,
        height=6,
    ),
    one(
        "Delay of the poller",
        "How late the poller is with the request that waits longest.",
        f"max({f.SCHEDULER_LAG.name})",
        "Delay",
        kind=Kind.GRAPH,
        unit=SECONDS,
        width=12,
        height=6,
    ),
)
POLLS = (
    one(
        "Answers",
        "Whether the last request for each resource succeeded.",
        f"min by (resource) ({series(f.RESOURCE_UP)})",
        "{{resource}}",
        kind=Kind.TIMELINE,
        words=ANSWERED,
        width=12,
        height=12,
    ),
    Panel(
        title="Resources",
        text="For each car and resource: whether it answers, when it last did, and how often it is asked.",
        queries=(
            Query(expr=value(f.RESOURCE_UP, "vin", "resource"), legend="Answers", words=ANSWERED),
            Query(
                expr=value(f.RESOURCE_LAST_SUCCESS, "vin", "resource") + " * 1000",
                legend="Last success",
                unit=AGO,
            ),
            Query(expr=value(f.RESOURCE_INTERVAL, "vin", "resource"), legend="Asked every", unit=SECONDS),
        ),
        kind=Kind.TABLE,
        unit=COUNT,
        limits=((None, BUSY),),
        width=12,
        height=12,
    ),
)
ACCOUNT = Variable(
    name="account",
    label="Account",
    text="The Volvo ID logins of the exporter.",
    query=f"label_values({f.QUOTA_LIMIT.name}, account)",
    many=True,
)
EXPORTER = Dashboard(
    uid="volvo-exporter",
    file="volvo-exporter.json",
    title="Volvo: exporter",
    text="The exporter itself: quota, login, requests to Volvo and what came of them.",
    variables=(ACCOUNT, pick(many=True)),
    rows=(
        Row(title="Quota and login", panels=QUOTA),
        Row(title="Exporter and token", panels=TOKENS),
        Row(title="Requests", panels=TRAFFIC),
        Row(title="Resources", panels=POLLS),
    ),
)
