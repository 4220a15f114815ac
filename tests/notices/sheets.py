"""Notices about the papers of the invented booking, at a set time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from integration.domain.instants import SECOND
from integration.policy.pack import Pack, load
from integration.services.intake import Input
from integration.services.notices.finding import Found, in_events, read_events
from integration.services.notices.languages import Language
from integration.services.notices.particulars import Particulars, particulars
from integration.services.notices.sheet import Sheet, sheet
from tests.notices.jail import EVENTS, lines

MASSACHUSETTS, LANSING = load("ma-welcoming-community"), load("lansing-eo-2017-01")
ZONE = ZoneInfo("America/New_York")
NOW = int(datetime(2026, 3, 2, 11, 30, tzinfo=ZONE).timestamp()) * SECOND


def found(events=EVENTS, booking=None) -> Found:
    inputs = [Input(f"x:{at}", line) for at, line in enumerate(lines(events).splitlines(), start=1)]
    return in_events(read_events(inputs), booking)


def told(hold_id: str = "h-2", pack: Pack = MASSACHUSETTS, events=EVENTS) -> Particulars:
    one = found(events)
    return particulars(one.source, one.booking, one.facts, hold_id, pack)


def written(language: Language, hold_id: str = "h-2", pack: Pack = MASSACHUSETTS) -> Sheet:
    return sheet(told(hold_id, pack), language, ZONE, NOW)
