"""Reads OJBC booking, custody status change and custody release reports (NIEM XML). See README.md."""

from connectors.jms_niem.convert import map_document
from connectors.jms_niem.mapping import Mapping, MappingFileError, load_mapping, mapping_from
from connectors.jms_niem.result import Mapped, MappingError, Note, NoteCode, Refusal
from schemas.refusals import Reason

__all__ = [
    "Mapped",
    "Mapping",
    "MappingError",
    "MappingFileError",
    "Note",
    "NoteCode",
    "Reason",
    "Refusal",
    "load_mapping",
    "map_document",
    "mapping_from",
]
