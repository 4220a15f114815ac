"""Asking workers over HTTP whether they are well: each check is a row of the settings."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from connectors.http import Answer, HttpClient, HttpError
from integration.services.vitals import Checked
from integration.settings import HttpCheck, MetricLimit


@dataclass(slots=True)
class Checks:
    """All checks of an installation, and what the last round found."""

    rows: Sequence[HttpCheck]
    http: HttpClient
    found: dict[str, Checked] = field(default_factory=dict)
    _failing_from: dict[str, float] = field(default_factory=dict)

    async def round(self) -> None:
        """Ask all of them at once."""
        await asyncio.gather(*(self._one(row) for row in self.rows))

    async def _one(self, row: HttpCheck) -> None:
        try:
            says = fault_of(await self.http.request("GET", row.url), row)
        except HttpError as error:
            says = str(error)
        now = time.monotonic()
        if not says:
            self._failing_from.pop(row.name, None)
            self.found[row.name] = Checked(0.0)
        else:
            began = self._failing_from.setdefault(row.name, now)
            self.found[row.name] = Checked(now - began, says)


def fault_of(answer: Answer, row: HttpCheck) -> str:
    """Return what is not as it should be, in words that repeat nothing of the answer's body; empty if all is."""
    if answer.status != row.status:
        return f"status {answer.status}, not {row.status}"
    if not row.limits:
        return ""
    try:
        samples = dict(_samples(answer.body.decode()))
    except ValueError:
        return "no metrics that can be read"
    return next((fault for limit in row.limits if (fault := _beyond(limit, samples))), "")


Sample = tuple[str, frozenset[tuple[str, str]]]


def _samples(text: str) -> Iterator[tuple[Sample, float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield (sample.name, frozenset(sample.labels.items())), sample.value


def _beyond(limit: MetricLimit, samples: Mapping[Sample, float]) -> str:
    wanted = limit.labels.items()
    values = [value for (name, labels), value in samples.items() if name == limit.metric and wanted <= labels]
    if not values:
        return f"{limit.metric} is missing"
    for value in values:
        # Written so that NaN, which is neither, is beyond both.
        if limit.at_least is not None and not value >= limit.at_least:
            return f"{limit.metric} is {value:g}, less than {limit.at_least:g}"
        if limit.at_most is not None and not value <= limit.at_most:
            return f"{limit.metric} is {value:g}, more than {limit.at_most:g}"
        if limit.at_most_seconds_old is not None and not time.time() - value <= limit.at_most_seconds_old:
            return f"{limit.metric} is more than {limit.at_most_seconds_old:g} s old"
    return ""
