"""``holdwatch connect test`` with a mapping for NIEM documents."""

from pathlib import Path
from typing import Any

from connectors.jms_niem.mapping import Mapping, MappingFileError, load_mapping
from connectors.jms_niem.trial import Seen, documents
from connectors.mapping.dryrun import dry_run
from integration.cli.console import Exit, fail, out, print_json, print_table

_SHOWN = 50


def loaded_documents(file: Path) -> Mapping:
    """Read a mapping for documents, or say what is wrong with it and end."""
    try:
        return load_mapping(file)
    except MappingFileError as error:
        fail(Exit.USAGE, str(error))


def try_documents(mapping: Path, files: list[Path], *, show_events: bool, as_json: bool) -> Exit:
    """Try a mapping on documents; return `Exit.FOUND` if something is refused or a code is not listed."""
    seen = Seen()
    told = dry_run(documents(files, loaded_documents(mapping), seen))
    report = {**told.report(), **seen.report()}
    if as_json:
        print_json({**report, **({"event_list": told.events} if show_events else {})})
    else:
        _print(report)
        if show_events:
            print_json(told.events)
    return Exit.FOUND if report["refusals"] or report["codes_unlisted"] else Exit.DONE


def _print(report: dict[str, Any]) -> None:
    counts = f"{report['documents']} documents, {report['events']} events, {report['repeated']} repeated"
    out.print(counts, highlight=False)
    print_table("events by type", ("type", "events"), list(report["events_by_type"].items()))
    if report["refusals"]:
        rows = [tuple(each.values()) for each in report["refusals"]]
        print_table(f"{len(rows)} refused", ("place", "reason", "message"), rows[:_SHOWN])
    for table, codes in report["codes_unlisted"].items():
        print_table(f"codes that [{table}] does not list", ("code", "times"), list(codes.items()))
    if report["notes"]:
        rows = [tuple(each.values()) for each in report["notes"]]
        print_table("notes", ("times", "code", "says", "element"), rows[:_SHOWN])
    if max(len(report["refusals"]), len(report["notes"])) > _SHOWN:
        out.print(f"of each at most {_SHOWN} are shown; --json prints all", highlight=False)
