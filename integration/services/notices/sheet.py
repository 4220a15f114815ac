"""A notice before it has a form: headings, rows and paragraphs, each with its language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from integration.domain.instants import Instant
from integration.services.alertwords.inert import inert
from integration.services.alertwords.times import local_time
from integration.services.notices.languages import Language, Wording, wording
from integration.services.notices.particulars import Particulars, Promise

_WEEKDAY: Final = len("Mon ")
_RECEIPT: Final = ("receipt_name", "receipt_signature", "receipt_time", "receipt_officer", "receipt_interpreter")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text in the notice's language, or in English where nothing else is known."""

    text: str
    english: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, rows of label and value, and paragraphs."""

    heading: str
    rows: tuple[tuple[str, str], ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One notice, in order."""

    language: Language
    direction: str
    marks: tuple[Paragraph, ...]
    """What has to be seen first: that nobody has reviewed the wording."""
    title: str
    intro: str
    blocks: tuple[Block, ...]
    receipt: Block
    """Its rows are to be filled in by hand."""
    refused: str
    foot: str


def sheet(told: Particulars, language: Language, zone: tzinfo, now: Instant, *, facility: str = "") -> Sheet:
    """Write a notice. Times are the facility's own, with their offset; numbers and dates are the same everywhere.

    Args:
        told: the paper.
        language: of all but what the feed names.
        zone: the facility's.
        now: printed at the foot.
        facility: what people call it; empty: its feed.
    """
    words = wording(language)
    kind = told.kind.value
    return Sheet(
        language=language,
        direction=words.direction,
        marks=tuple(_marks(words)),
        title=words.say("title"),
        intro=words.say("intro"),
        blocks=(
            Block(words.say("paper"), rows=tuple(_rows(told, words, zone, facility))),
            Block(words.say("is_heading"), paragraphs=_texts(words, f"{kind}_is", f"{kind}_is_not")),
            *_acts(told, words),
            Block(
                words.say("rights_heading"),
                paragraphs=_texts(words, "rights_lawyer", "rights_silent", "rights_complain"),
            ),
        ),
        receipt=Block(
            words.say("receipt_heading"),
            rows=tuple((words.say(key), "") for key in _RECEIPT),
            paragraphs=_texts(words, "receipt_text"),
        ),
        refused=words.say("receipt_refused"),
        foot=words.say("printed", time=_time(now, zone), revision=told.pack_revision[:16]),
    )


def _marks(words: Wording) -> Iterator[Paragraph]:
    if words.reviewed:
        return
    yield Paragraph(words.say("unreviewed"))
    if words.language is not Language.ENGLISH:
        yield Paragraph("This translation has not been reviewed by a lawyer.", english=True)


def _texts(words: Wording, *keys: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(words.say(key)) for key in keys)


def _rows(told: Particulars, words: Wording, zone: tzinfo, facility: str) -> Iterator[tuple[str, str]]:
    nothing = words.say("not_stated")
    yield words.say("booking"), inert(told.booking)
    yield words.say("facility"), inert(facility or told.source, 120)
    yield words.say("kind"), words.say(told.kind.value)
    yield words.say("form"), told.form or nothing
    yield words.say("issuer"), inert(told.issuer, 120) if told.issuer else nothing
    yield words.say("placed"), _time(told.placed_at, zone)
    if told.expires_at is not None:
        yield words.say("expires"), _time(told.expires_at, zone)
    yield words.say("judge"), words.say("judge_no")
    yield words.say("paper_id"), inert(told.hold_id)


def _acts(told: Particulars, words: Wording) -> Iterator[Block]:
    if not told.promises:
        return  # a pack that forbids nothing promises nothing
    said = [Paragraph(f"{words.say(each.key)} ({', '.join(each.provisions)})") for each in told.promises]
    said.append(Paragraph(words.say("policy", title=told.pack_title, numbers=", ".join(_numbers(told.promises)))))
    for number, summary in told.summaries:
        said += [Paragraph(words.say("summary", number=number)), Paragraph(summary, english=True)]
    yield Block(words.say("act_heading"), paragraphs=tuple(said))


def _numbers(promises: tuple[Promise, ...]) -> list[str]:
    return list(dict.fromkeys(number for promise in promises for number in promise.provisions))


def _time(at: Instant, zone: tzinfo) -> str:
    """Return date, time and offset without the weekday, which is a word."""
    return local_time(at, zone)[_WEEKDAY:]
