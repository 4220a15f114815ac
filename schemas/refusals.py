"""Why an input is refused: one closed list of reason codes, and the error that carries one."""

from enum import StrEnum


class Reason(StrEnum):
    """Reason codes of ``rejected.jsonl``, the dead-letter store and its metric."""

    TOO_LARGE = "too_large"
    INVALID_UTF8 = "invalid_utf8"
    NOT_JSON = "not_json"
    TRUNCATED = "truncated"
    TOO_DEEP = "too_deep"
    BAD_CHARACTER = "bad_character"
    REPEATED_FIELD = "repeated_field"
    UNKNOWN_TYPE = "unknown_type"
    NEWER_VERSION = "newer_version"
    CANNOT_UPCAST = "cannot_upcast"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    BAD_VALUE = "bad_value"
    NO_OFFSET = "no_offset"
    BAD_TIME = "bad_time"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    UNKNOWN_SOURCE = "unknown_source"
    MOVE_CYCLE = "move_cycle"
    CANNOT_PROCESS = "cannot_process"
    UNREADABLE_FILE = "unreadable_file"
    NOT_XML = "not_xml"
    XML_ENTITIES = "xml_entities"
    UNKNOWN_ROOT = "unknown_root"
    NO_BOOKING = "no_booking"
    SEVERAL_BOOKINGS = "several_bookings"
    NO_TIME = "no_time"
    ISSUER_UNKNOWN = "issuer_unknown"
    DATED_BEFORE_BOOKING = "dated_before_booking"
    AMBIGUOUS_TIME = "ambiguous_time"
    UNMAPPED_CODE = "unmapped_code"
    BAD_ENCODING = "bad_encoding"
    BAD_ROW = "bad_row"


class InvalidEventError(ValueError):
    """This input cannot be an event: keep it as a dead letter, go on with the next.

    The message names the place inside the input and what is wrong there, and never repeats a value.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        """Args: ``reason`` is the code; ``message`` says where and what, without values."""
        super().__init__(message)
        self.reason = reason
        self.message = message
