"""Why a part of a message was not read, or not read for certain. One such reason and it is not status alone."""

from dataclasses import dataclass
from enum import StrEnum


class Gap(StrEnum):
    """Typed reasons. To an immigration authority each of them blocks; ordinary mail has none, or an image."""

    # limits
    TOO_LARGE = "too_large"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_DEEP = "too_deep"
    TOO_MUCH_TEXT = "too_much_text"
    TOO_SLOW = "too_slow"
    EXPANDS_TOO_MUCH = "expands_too_much"
    """An archive or a stream that grows past the limit when it is unpacked."""
    # the message's structure
    MALFORMED_HEADER = "malformed_header"
    DUPLICATE_HEADER = "duplicate_header"
    """A field that may stand once and stands twice: readers differ about which one counts."""
    BAD_CONTENT_TYPE = "bad_content_type"
    BAD_TRANSFER_ENCODING = "bad_transfer_encoding"
    """Missing where it is needed, unknown, or not what the bytes are."""
    BAD_BOUNDARY = "bad_boundary"
    """Missing, doubled, open at the end, or one boundary inside another."""
    STRAY_TEXT = "stray_text"
    """Text before the first boundary or after the last."""
    LONG_LINE = "long_line"
    """A line over 998 characters: a relay may break it where it likes (RFC 5322 section 2.1.1)."""
    PARTIAL = "partial_message"
    """One piece of a message (RFC 2046 section 5.2.2); the others come by other roads."""
    EXTERNAL_BODY = "external_body"
    """The body is somewhere else (RFC 2046 section 5.2.3)."""
    PARSERS_DISAGREE = "parsers_disagree"
    """Another parser reads other bodies out of the same bytes."""
    # text
    UNKNOWN_CHARSET = "unknown_charset"
    BAD_CHARSET = "bad_charset"
    """The bytes are not what their charset allows, or read as text in another one too."""
    BAD_ENCODED_WORD = "bad_encoded_word"
    HIDDEN_ENCODING = "hidden_encoding"
    """Something encoded inside a text: base64, uuencode, yEnc, quoted-printable, a data URL."""
    # attachments
    ENCRYPTED = "encrypted"
    IMAGE = "image"
    SOUND = "sound"
    VIDEO = "video"
    UNKNOWN_BINARY = "unknown_binary"
    BROKEN = "broken_file"
    """A file of a known format that cannot be read as one."""
    TYPE_MISMATCH = "type_mismatch"
    """A file that is of another format than its part says, or of two at once."""
    UNSUPPORTED = "unsupported_format"
    """A format that this program knows and does not read (RTF, DOC, 7z)."""
    ACTIVE_CONTENT = "active_content"
    """Scripts, macros, forms: what they show is not in the file."""
    NOT_PLAIN = "not_plain_document"
    """A document that may show something else than its text: drawings, embedded fonts, files or pictures."""
    UNSEEN = "unseen_body"
    """A body of which only a checksum is known, or that was not handed over."""
    NO_ROSTER = "no_roster"
    """Nobody knows yet who is in custody, so that no name in it can be looked up."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One reason and the part it is about."""

    part: str
    gap: Gap
