"""A roster compared by command, at once, without taking anything in."""

from pathlib import Path

from connectors.mapping.apply import Mapper
from connectors.mapping.files import file_rows
from connectors.mapping.model import MappingFile
from integration.bootstrap import ConnectPorts
from integration.errors import UsageError
from integration.services.roster import Listed, RosterRow


def compare_file(name: str, file: Path, mapping: MappingFile, ports: ConnectPorts) -> None:
    """Compare a full roster with who is in custody here, and record what differs.

    Raises:
        UsageError: some of the file cannot be read: who is missing from it nobody can say.
    """
    mapper = Mapper(mapping)
    rows = list(file_rows(file.read_bytes(), mapping))
    unreadable = sum(row.refusal is not None for row in rows)
    if unreadable:
        raise UsageError(f"{file}: {unreadable} rows cannot be read; `holdwatch connect test` tells which")
    listed = Listed.of(
        RosterRow(name, str(at), mapper.booking(row.record), mapper.person(row.record), "")
        for at, row in enumerate(rows)
    )
    before = Listed.of(ports.sources.rows(name))
    held = ports.roster.held(mapping.source)
    ports.roster.tell(name, mapping.source, ports.roster.compared(name, listed, before, held))
