"""Which records a rule is for: codes, meanings of codes, and what a row's words say."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

from connectors.jms_niem.mapping import Mapping as Vocabulary
from connectors.jms_niem.mapping import mapping_from
from connectors.jms_niem.vocabulary import RowKind, row_kind, says_hold_for_immigration, says_immigration
from connectors.mapping.model import Condition, EventForm, MappingFile, fold
from connectors.mapping.record import Record, is_nested

LookUp = Callable[[str, str, str], Any]
"""From a table's name, a code and its column to the code's meaning; raises where there is none."""

_ROWS: Final = {
    "immigration_hold": RowKind.IMMIGRATION_HOLD,
    "agency_hold": RowKind.AGENCY_HOLD,
    "charge": RowKind.CHARGE,
}


class Conditions:
    """The tests of one mapping's conditions."""

    def __init__(self, mapping: MappingFile, look_up: LookUp) -> None:
        """Args: ``look_up`` finds the meaning of a code."""
        self._mapping = mapping
        self._look_up = look_up

    @cached_property
    def _words(self) -> Vocabulary:
        """The words of the NIEM connector, with this county's own."""
        base = mapping_from({"source": self._mapping.source, "zone": self._mapping.zone})
        own = self._mapping.immigration
        immigration = {
            "names": [*base.immigration.names, *own.names],
            "not_names": [*base.immigration.not_names, *own.not_names],
        }
        words = {"immigration": [*base.words.immigration, *own.words]}
        content = {"source": self._mapping.source, "zone": self._mapping.zone}
        return mapping_from({**content, "immigration": immigration, "words": words})

    def holds(self, condition: Condition, record: Record) -> bool:
        """Tell whether a record meets a condition. Raises ValueRefusedError: nobody can tell."""
        if condition.empty is not None and is_nested(record.value(condition.column)):
            return not condition.empty
        text = record.plain(condition.column)
        if text.casefold() in self._mapping.nothing:
            text = ""
        if condition.empty is not None:
            return (text == "") is condition.empty
        if condition.in_ is not None or condition.not_in is not None:
            listed = fold(text) in {fold(_written(code)) for code in condition.in_ or condition.not_in or ()}
            return listed is (condition.in_ is not None)
        if condition.table is not None and not text:
            # What nothing means a table may say, too.
            return "" in self._mapping.tables[condition.table].folded and self._means(condition, text)
        return bool(text) and self._means(condition, text)

    def all_hold(self, rule: EventForm, record: Record) -> bool:
        """Tell whether a rule is for this record."""
        return all(self.holds(condition, record) for condition in rule.where)

    def says_hold(self, text: str) -> bool:
        """Tell whether a text is nothing but an immigration hold, and says so."""
        return says_hold_for_immigration(self._words, text)

    def names_immigration(self, text: str) -> bool:
        """Tell whether a text is nothing but an immigration authority, or a hold for one."""
        return says_immigration(self._words, text)

    def says(self, text: str) -> str:
        """Tell what a row's words say it is, as ``says`` has it."""
        kind = row_kind(self._words, text)
        return next(name for name, each in _ROWS.items() if each is kind)

    def _means(self, condition: Condition, text: str) -> bool:
        """Tell whether what stands there is of the wanted meaning."""
        if condition.says is not None:
            return row_kind(self._words, text) is _ROWS[condition.says]
        if condition.names is not None:
            return self._words.authorities.has_name(text) is (condition.names == "immigration_authority")
        assert condition.table is not None
        assert condition.means is not None
        return self._look_up(condition.table, text, condition.column) in condition.means


def _written(code: str | bool | int) -> str:
    if isinstance(code, bool):
        return "true" if code else "false"
    return str(code)
