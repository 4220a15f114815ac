"""The reports' figures counted by another road: SQL over an exported log. Imports nothing of the program.

Written from docs/reports.md and docs/events.md. Where it differs from the program, one of both is wrong.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SCHEMA = """
CREATE TABLE entry (idx INTEGER PRIMARY KEY, at TEXT, kind TEXT, source TEXT, booking TEXT, outcome TEXT, actor TEXT,
                    detail TEXT);
CREATE TABLE event (idx INTEGER, source TEXT, booking TEXT, id TEXT, type TEXT, time TEXT, data TEXT);
CREATE INDEX event_by_id ON event (source, id);
CREATE TABLE gone (source TEXT, id TEXT, PRIMARY KEY (source, id));
CREATE TABLE home (source TEXT, booking TEXT, home TEXT, PRIMARY KEY (source, booking));
"""

EVENTS = """
INSERT INTO event
SELECT idx, source, booking, detail ->> 'event_id', detail ->> 'type', detail ->> 'time', detail -> 'data'
FROM entry WHERE kind = 'event.accepted';
INSERT OR IGNORE INTO gone SELECT source, detail ->> 'event_id' FROM entry WHERE kind = 'event.set_aside';
"""

HOMES = """
WITH RECURSIVE
  moved AS (
    SELECT source, booking, data ->> 'into' AS target FROM (
      SELECT *, row_number() OVER (PARTITION BY source, booking ORDER BY time DESC, id DESC) AS nth
      FROM event WHERE type = 'jail.booking.moved.v1' AND (source, id) NOT IN gone
    ) WHERE nth = 1
  ),
  chain (source, booking, at, steps) AS (
    SELECT source, booking, target, 1 FROM moved
    UNION ALL
    SELECT chain.source, chain.booking, moved.target, steps + 1
    FROM chain JOIN moved ON moved.source = chain.source AND moved.booking = chain.at WHERE steps < 50
  )
INSERT OR REPLACE INTO home SELECT source, booking, at FROM chain ORDER BY steps;
CREATE TABLE standing AS
SELECT event.*, coalesce(home.home, event.booking) AS home
FROM event LEFT JOIN home USING (source, booking) WHERE (event.source, event.id) NOT IN gone;
DELETE FROM standing WHERE (source, home) IN (SELECT source, home FROM standing WHERE type = 'jail.booking.voided.v1');
CREATE INDEX standing_by_type ON standing (type, source, home);
CREATE INDEX standing_by_id ON standing (source, id);
"""

FINDINGS = """
CREATE TABLE finding AS
SELECT source, booking, detail ->> 'rule' AS rule, detail ->> 'about' AS about, detail ->> 'since' AS since,
       detail ->> 'until' AS until, detail ->> '$.names.paper' AS paper, detail -> 'evidence' AS evidence
FROM (
  SELECT *, row_number() OVER (PARTITION BY detail ->> 'finding_id' ORDER BY idx DESC) AS nth
  FROM entry WHERE kind LIKE 'finding.%' AND kind <> 'finding.acknowledged'
) WHERE nth = 1 AND outcome <> 'withdrawn';
CREATE TABLE paper AS
WITH placed AS (
  SELECT source, home, data ->> 'hold_id' AS hold_id, id, time, data,
         min(time) OVER (PARTITION BY source, home, data ->> 'hold_id') AS lodged,
         row_number() OVER (PARTITION BY source, home, data ->> 'hold_id' ORDER BY time DESC, id DESC) AS nth
  FROM standing WHERE type = 'jail.hold.placed.v1'
)
SELECT placed.source, placed.home, placed.hold_id, placed.lodged,
       coalesce(finding.paper, placed.data ->> 'kind') AS kind,
       CASE json_array_length(coalesce(placed.data -> 'reason_codes', '[]'))
         WHEN 0 THEN 'none_stated' WHEN 1 THEN placed.data ->> '$.reason_codes[0]' ELSE 'several' END AS reason
FROM placed LEFT JOIN finding ON finding.rule = 'mislabelled_document' AND finding.source = placed.source
     AND finding.booking = placed.home AND finding.about = placed.hold_id
WHERE nth = 1;
DELETE FROM paper WHERE kind NOT IN ('immigration_detainer', 'administrative_warrant', 'notification_request');
CREATE INDEX paper_by_hold ON paper (source, home, hold_id);
"""

ENDED = """
CREATE TABLE ended AS
WITH begun AS (
  SELECT source, home, coalesce(min(CASE WHEN type = 'jail.booking.opened.v1' THEN time END), min(time)) AS time
  FROM standing WHERE type IN ('jail.booking.opened.v1', 'jail.hold.placed.v1') GROUP BY 1, 2
)
SELECT * FROM (
  SELECT s.*, row_number() OVER (PARTITION BY s.source, s.home ORDER BY s.time, s.id) AS nth
  FROM standing AS s LEFT JOIN begun USING (source, home)
  WHERE (s.type = 'jail.release.completed.v1'
         OR (s.type = 'jail.custody.transferred.v1' AND NOT s.data ->> 'temporary'))
        AND (begun.time IS NULL OR s.time >= begun.time)
) WHERE nth = 1;
CREATE TABLE due AS
WITH undone AS (
  SELECT source, home, max(time) AS time FROM standing WHERE type = 'jail.release.rescinded.v1' GROUP BY 1, 2
)
SELECT * FROM (
  SELECT s.source, s.home, s.time AS told,
         CASE s.type WHEN 'jail.release.due.v1' THEN s.data ->> 'due_at' ELSE s.time END AS due_at,
         CASE s.type WHEN 'jail.release.due.v1' THEN s.data ->> 'reason' ELSE 'bail_posted' END AS reason,
         row_number() OVER (PARTITION BY s.source, s.home ORDER BY s.time DESC, s.id DESC) AS nth
  FROM standing AS s LEFT JOIN undone USING (source, home)
  WHERE (s.type = 'jail.release.due.v1' OR (s.type = 'jail.bail.posted.v1' AND s.data ->> 'covers_all'))
        AND (undone.time IS NULL OR s.time > undone.time)
) WHERE nth = 1;
"""

HOLDS = """
CREATE TABLE hold AS
WITH placed AS (
  SELECT source, home, data ->> 'hold_id' AS hold_id, data ->> 'kind' AS kind, data ->> 'expires_at' AS expires,
         min(time) OVER every AS start, row_number() OVER (every ORDER BY time DESC, id DESC) AS nth
  FROM standing WHERE type = 'jail.hold.placed.v1'
  WINDOW every AS (PARTITION BY source, home, data ->> 'hold_id')
), lifted AS (
  SELECT source, home, hold_id, min(l.time) AS time FROM placed JOIN (
    SELECT source, home, data ->> 'hold_id' AS hold_id, time FROM standing WHERE type = 'jail.hold.lifted.v1'
  ) AS l USING (source, home, hold_id) WHERE nth = 1 AND l.time >= start GROUP BY 1, 2, 3
)
SELECT placed.source, placed.home, placed.hold_id, kind, start,
       min(coalesce(expires, '9'), coalesce(lifted.time, '9')) AS over
FROM placed LEFT JOIN lifted USING (source, home, hold_id) WHERE nth = 1;
CREATE INDEX hold_by_booking ON hold (source, home);
"""

REQUESTS = "SELECT kind, reason, count(*) FROM paper WHERE lodged >= :start AND lodged < :end GROUP BY 1, 2"

DETAINED = """
WITH held AS (
  SELECT DISTINCT finding.source, finding.booking, paper.kind, paper.reason, paper.hold_id
  FROM finding, json_each(finding.evidence) AS named
  LEFT JOIN standing ON standing.source = finding.source AND standing.id = named.value
            AND standing.type = 'jail.hold.placed.v1'
  LEFT JOIN paper ON paper.source = standing.source AND paper.home = standing.home
            AND paper.hold_id = standing.data ->> 'hold_id' AND paper.kind <> 'notification_request'
  WHERE rule IN ('overdue_detainer_hold', 'booked_without_authority') AND since >= :start AND since < :end
)
SELECT CASE count(DISTINCT kind) WHEN 0 THEN 'unknown' WHEN 1 THEN max(kind) ELSE 'several' END,
       CASE count(DISTINCT reason) WHEN 0 THEN 'none_stated' WHEN 1 THEN max(reason) ELSE 'several' END
FROM held GROUP BY source, booking
"""

TRANSFERRED = """
SELECT ended.source, home, CASE WHEN finding.about IS NULL THEN 'with_warrant' ELSE 'without_warrant' END
FROM ended LEFT JOIN finding ON finding.rule = 'transfer_without_warrant' AND finding.source = ended.source
     AND finding.about = ended.id
WHERE type = 'jail.custody.transferred.v1' AND time >= :start AND time < :end
      AND (finding.about IS NOT NULL OR data ->> 'to_agency_class' = 'immigration_authority')
"""

PAID = """
SELECT data ->> 'currency', data ->> 'amount' FROM standing
WHERE type = 'jail.reimbursement.received.v1' AND time >= :start AND time < :end
"""

OVERDUE = """
SELECT rule, since, min(coalesce(until, :now), :now),
  CASE
    WHEN EXISTS (SELECT 1 FROM finding AS b WHERE b.rule = 'booked_without_authority' AND b.source = finding.source
                 AND b.booking = finding.booking AND b.since = finding.since) THEN 'booked_without_authority'
    WHEN due.due_at = since THEN due.reason
    ELSE coalesce((
      SELECT CASE s.type WHEN 'jail.release.due.v1' THEN s.data ->> 'reason'
                         WHEN 'jail.bail.posted.v1' THEN 'bail_posted' ELSE 'hold_lifted' END
      FROM json_each(finding.evidence) AS named JOIN standing AS s ON s.source = finding.source AND s.id = named.value
      WHERE s.type IN ('jail.release.due.v1', 'jail.bail.posted.v1', 'jail.hold.lifted.v1')
      ORDER BY CASE s.type WHEN 'jail.release.due.v1' THEN 1 WHEN 'jail.bail.posted.v1' THEN 2 ELSE 3 END, s.time, s.id
      LIMIT 1
    ), 'hold_expired')
  END
FROM finding LEFT JOIN due ON due.source = finding.source AND due.home = finding.booking
WHERE rule IN ('overdue_detainer_hold', 'overdue_release') AND since < :end
      AND min(coalesce(until, :now), :now) > max(:start, since)
"""

DECIDED = """
WITH told AS (
  SELECT kind, outcome, detail ->> 'recipient_class' AS class,
         min(at) OVER every AS first, row_number() OVER (every ORDER BY idx DESC) AS nth
  FROM entry WHERE kind = :kind
  WINDOW every AS (PARTITION BY source, detail ->> :id)
)
SELECT class, outcome, count(*) FROM told WHERE nth = 1 AND first >= :start AND first < :end GROUP BY 1, 2
"""

APPROVED = """
SELECT data ->> 'legal_basis', data ->> 'approved_by', count(*) FROM standing
WHERE type = 'jail.approval.granted.v1' AND time >= :start AND time < :end GROUP BY 1, 2
"""

RELEASED = """
WITH
  left_by AS (
    SELECT source, home, time, data ->> 'released_to' AS taken_by FROM ended
    WHERE type = 'jail.release.completed.v1' AND time >= :start AND time < :end
  )
SELECT left_by.source, left_by.home, due.due_at, left_by.time,
  taken_by = 'agency' AS handed_over,
  EXISTS (
    SELECT 1 FROM hold WHERE hold.source = left_by.source AND hold.home = left_by.home AND hold.start <= left_by.time
    AND (hold.kind IN ('agency_hold', 'judicial_warrant')
         OR (hold.kind IN ('arrest', 'charge', 'sentence', 'court_order') AND hold.start > due.told))
    AND NOT EXISTS (SELECT 1 FROM paper WHERE paper.source = hold.source AND paper.home = hold.home
                    AND paper.hold_id = hold.hold_id)
    AND NOT coalesce(hold.over <= due.due_at, 0)
  ) AS other_ground,
  EXISTS (
    SELECT 1 FROM paper JOIN hold USING (source, home, hold_id)
    WHERE paper.source = left_by.source AND paper.home = left_by.home
    AND hold.start <= due.due_at AND NOT coalesce(hold.over <= due.due_at, 0)
  ) AS with_paper
FROM left_by LEFT JOIN due USING (source, home)
"""


def instants(first: date, end: date, zone: str) -> dict[str, str]:
    """Return a period of a calendar as the log writes times."""
    return {
        name: datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        .astimezone(ZoneInfo("UTC"))
        .strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for name, day in (("start", first), ("end", end))
    }


class Count:
    """An exported log in a database of its own."""

    def __init__(self, log: Path, source: str | None = None) -> None:
        self.sql = sqlite3.connect(":memory:")
        self.sql.executescript(SCHEMA)
        self.sql.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._rows(log, source))
        self.sql.executescript(EVENTS)
        self._retract()
        while self._open_circle():
            pass
        self.sql.executescript(HOMES)
        self.sql.executescript(FINDINGS)
        self.sql.executescript(ENDED)
        self.sql.executescript(HOLDS)

    def _rows(self, log: Path, source: str | None) -> Iterable[tuple[object, ...]]:
        self.last = ""
        with (log / "audit.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                entry = row["entry"]
                if entry is None:
                    continue
                self.last = entry["at"]
                if source in {None, entry["source"]}:
                    told = [entry[name] for name in ("at", "kind", "source", "booking", "outcome", "actor")]
                    yield row["index"], *told, json.dumps(entry["detail"])

    def _open_circle(self) -> bool:
        """Of moves that close a circle the latest does not count; returns whether there was such a circle."""
        rows = self.sql.execute(
            "SELECT source, booking, data ->> 'into', max(time || ' ' || id), id FROM event "
            "WHERE type = 'jail.booking.moved.v1' AND (source, id) NOT IN gone GROUP BY 1, 2"
        ).fetchall()
        onward = {(row[0], row[1]): row for row in rows}
        for start in sorted(onward):
            path, at = [], start
            while at in onward and at not in path:
                path.append(at)
                at = (at[0], onward[at][2])
            if at in path:
                last = max((onward[each] for each in path[path.index(at) :]), key=lambda row: row[3])
                self.sql.execute("INSERT OR IGNORE INTO gone VALUES (?, ?)", (last[0], last[4]))
                return True
        return False

    def _retract(self) -> None:
        """A retraction counts unless one that counts retracts it; circles do not count."""
        rows = self.sql.execute(
            "SELECT source, id, data ->> 'retracts' FROM event WHERE type = 'jail.event.retracted.v1'"
        ).fetchall()
        open_still, counts = set(rows), set[tuple[str, str, str]]()
        while True:
            free = {
                each for each in open_still if not any((o[0], o[2]) == (each[0], each[1]) for o in open_still - {each})
            } - {each for each in open_still if each[1] == each[2]}
            if not free:
                break
            counts |= free
            hit = {(each[0], each[2]) for each in free}
            open_still = {each for each in open_still - free if (each[0], each[1]) not in hit}
        self.sql.executemany("INSERT OR IGNORE INTO gone VALUES (?, ?)", [(each[0], each[2]) for each in counts])

    def table(self, query: str, **given: str) -> Counter[tuple[str, str]]:
        return Counter({(row[0], row[1]): row[2] for row in self.sql.execute(query, given)})

    def requests(self, **period: str) -> Counter[tuple[str, str]]:
        return self.table(REQUESTS, **period)

    def detained(self, **period: str) -> Counter[tuple[str, str]]:
        return Counter(tuple(row) for row in self.sql.execute(DETAINED, period))

    def transferred(self, **period: str) -> Counter[str]:
        return Counter(row[2] for row in self.sql.execute(TRANSFERRED, period))

    def paid(self, **period: str) -> list[tuple[str, str | None]]:
        return sorted(self.sql.execute(PAID, period).fetchall(), key=str)

    def overdue(self, **period: str) -> tuple[Counter[tuple[str, str]], dict[str, float]]:
        """Stays by cause and rule, and the hours of each rule inside the period."""
        rows = self.sql.execute(OVERDUE, {**period, "now": self.last}).fetchall()
        hours = {"overdue_detainer_hold": 0.0, "overdue_release": 0.0}
        for rule, since, until, _ in rows:
            start, end = max(since, period["start"]), min(until, period["end"])
            hours[rule] += (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 3600
        return Counter((row[3], row[0]) for row in rows), hours

    def decided(self, request: str, **period: str) -> Counter[tuple[str, str]]:
        return self.table(DECIDED, kind=f"{request}.decided", id=f"{request}_id", **period)

    def approved(self, **period: str) -> Counter[tuple[str, str]]:
        return self.table(APPROVED, **period)

    def released(self, **period: str) -> tuple[Counter[str], dict[bool, list[float]]]:
        """What was left out, and hours from entitlement to release with and without a paper."""
        out, hours = Counter[str](), {True: list[float](), False: list[float]()}
        by_transfer = (
            "SELECT count(*) FROM ended WHERE type = 'jail.custody.transferred.v1' AND time >= :start AND time < :end"
        )
        if number := self.sql.execute(by_transfer, period).fetchone()[0]:
            out["transferred"] = number
        for _, _, due, gone, handed_over, other, paper in self.sql.execute(RELEASED, period):
            if handed_over:
                out["to_agency"] += 1
            elif due is None:
                out["no_entitlement"] += 1
            elif other:
                out["other_ground"] += 1
            else:
                took = (datetime.fromisoformat(gone) - datetime.fromisoformat(due)).total_seconds() / 3600
                hours[bool(paper)].append(max(0.0, took))
        return out, {key: sorted(values) for key, values in hours.items()}
