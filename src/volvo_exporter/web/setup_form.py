"""The values of the set-up page: checked in format, and at Volvo."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

import anyio
import httpx2

from volvo_exporter.login import attempt
from volvo_exporter.login.application import Finding, Outcome, check_authorization, check_key, check_secret
from volvo_exporter.problems import Invalid
from volvo_exporter.settings.draft import read_draft, read_values
from volvo_exporter.volvo.identity import VolvoId

Check = Callable[[], Awaitable[tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """Checks values of the form."""

    client: httpx2.AsyncClient
    id_url: str
    api_url: str
    scope: tuple[str, ...]
    """The scopes that a login requests."""
    clock: Callable[[], float]
    """Unix time."""
    token_urlsafe: Callable[[int], str]

    async def check(self, values: Mapping[str, str], *, changed: str = "") -> tuple[Finding, ...]:
        """Return what is found about the values.

        After a change of one value, only what depends on that value is checked at Volvo, and missing values
        are not reported.
        """
        read, problems = read_values(values)
        if not changed and isinstance(draft := read_draft(values), Invalid):
            problems = draft.problems
        findings = [
            Finding(setting=problem.setting, outcome=Outcome.INVALID, message=problem.message)
            for problem in problems
        ]

        async def add(check: Check) -> None:
            findings.extend(await check())

        async with anyio.create_task_group() as tasks:
            for needed, check in self._checks(read):
                if read.keys() >= needed and (not changed or changed in needed):
                    tasks.start_soon(add, check)
        return tuple(findings)

    def _checks(self, values: Mapping[str, str]) -> Iterator[tuple[set[str], Check]]:
        """Yield each check at Volvo with the settings that it needs."""
        yield {"client_id", "redirect_uri"}, lambda: check_authorization(self.client, self._attempt(values))
        yield {"client_id", "client_secret", "redirect_uri"}, lambda: check_secret(self._identity(values))
        yield (
            {"api_key"},
            lambda: check_key(self.client, url=self.api_url, api_key=values["api_key"], clock=self.clock),
        )

    def _attempt(self, values: Mapping[str, str]) -> attempt.Attempt:
        return attempt.start(
            id_url=self.id_url,
            client_id=values["client_id"],
            redirect_uri=values["redirect_uri"],
            scope=self.scope,
            token_urlsafe=self.token_urlsafe,
        )

    def _identity(self, values: Mapping[str, str]) -> VolvoId:
        return VolvoId(
            self.client,
            url=self.id_url,
            client_id=values["client_id"],
            client_secret=values["client_secret"],
            redirect_uri=values["redirect_uri"],
            clock=self.clock,
        )
