"""Nothing of a person comes out of a connector: not in logs, entries, places, messages, nor what is kept of rows."""

import pytest
from structlog.testing import capture_logs

from tests.connectors.jms_csv.test_dumps import EXAMPLE, ROWS, SOURCES
from tests.connectors.running import Site

CANARY = "Quillfeather"
BAD = [
    f"B-1,{CANARY},03/02/2026 08:15,1,x,{CANARY},{CANARY},,,N,,,,,,,{CANARY},{CANARY}",
    f"B-2,{CANARY},{CANARY},1,x,LARCENY,OPEN,,{CANARY},N,,,,,,,A,",
    f"B-3,{CANARY}",
    f',{CANARY},03/02/2026 08:15,1,x,"{CANARY}',
]


def test_no_name_comes_out_when_rows_are_refused_and_compared(tmp_path, capsys):
    (tmp_path / "mapping.toml").write_text((EXAMPLE / "mapping.toml").read_text())
    site = Site(tmp_path, SOURCES.format(root=tmp_path))
    site.make()
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.csv").write_text("\n".join([*ROWS[:3], *BAD]))
    (drop / "b.csv").write_text("\n".join(ROWS[:2]))
    with capture_logs() as logged:
        site.run(
            lambda: not [each for each in drop.iterdir() if each.is_file()] and not list((drop / "working").iterdir())
        )
    assert site.count("dead_letters") > 4
    assert "dump.read" in [line["event"] for line in logged]
    printed = capsys.readouterr()
    assert CANARY not in f"{logged} {printed.out} {printed.err}"
    columns = {"entries": "body", "dead_letters": "place || message || reason", "outbox": "key || payload"}
    columns |= {"source_rows": "key || booking || person || marks || given", "source_positions": "position"}
    columns |= {"source_differences": "kind || booking || about"}
    for table, text in columns.items():
        rows = [str(row[0]) for row in site.ask(f"SELECT {text} FROM {table}")]
        assert not [row for row in rows if CANARY in row], table


@pytest.mark.parametrize("form", ["events", "records"])
def test_no_name_comes_out_when_a_message_is_refused(form, tmp_path, capsys):
    from connectors.jms_webhook.bodies import events_body, records_body
    from connectors.mapping.apply import Mapper
    from connectors.mapping.load import load_mapping

    read = events_body(10) if form == "events" else records_body(Mapper(load_mapping(EXAMPLE / "mapping.toml")), 10)
    bodies = [
        b'{"specversion": "1.0", "id": "Quillfeather", "type": "Quillfeather"}',
        b'[{"BookingNo": "B", "BookedAt": "Quillfeather", "Status": "Quillfeather"}, "Quillfeather"]',
        b'{"Quillfeather": 1',
    ]
    faults = [fault for body in bodies for fault in read("w:1", body).faults]
    assert len(faults) >= 3
    assert CANARY not in str(faults)
