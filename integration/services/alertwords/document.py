"""A notice before it has a form: a title, and sections of plain lines. Every form is written from this one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A label and its lines."""

    label: str
    lines: tuple[str, ...]
    numbered: bool = False
    """Steps, one after another."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a notice says, in order. Plain text throughout: whoever writes a form escapes it."""

    title: str
    """One line, for a subject."""
    drill: str
    """Said first where it is a drill; else empty."""
    heading: str
    """What is wrong, in one sentence."""
    reason: str
    """Why this notice goes out."""
    sections: tuple[Section, ...]
    link: str
    """Empty where there is none."""
    link_note: str
    foot: str
