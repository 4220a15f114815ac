"""``holdwatch doctor settings``: settings that load, and still are not what a site wants; and its policy packs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from integration.bootstrap import packs_of
from integration.policy.manifest import Checked
from integration.policy.pack import PolicyPackError
from integration.services.doctor import Result, fault, note, ok, warning
from integration.settings import Settings

_EXAMPLES: Final = ("example", "compose", "test")
_SHARED_FATE: Final = 2


def check(settings: Settings) -> Iterator[Result]:
    """Look at the settings and at the packs that they choose."""
    yield ok("settings.loaded", f"{len(settings.facilities)} facilities")
    yield from _names(settings)
    yield from _told(settings)
    yield from _packs(settings)
    if not settings.site.state_dir.is_absolute():
        todo = "Write it from the root: a service manager starts programs elsewhere."
        yield warning("settings.state_dir", f"{settings.site.state_dir} depends on where the service is started", todo)
    if settings.intake.clock == "recorded":
        todo = 'Set it to "system" once history is imported.'
        yield warning("settings.clock", "intake.clock is recorded: deadlines wait for events", todo)


def _names(settings: Settings) -> Iterator[Result]:
    words = settings.log.origin.lower().split("/")[0].split(".")
    if any(word in _EXAMPLES for word in words):
        todo = "Set it to a name of your own before the first start: it stands on every checkpoint for ever."
        yield warning("settings.origin", f"log.origin is the example's: {settings.log.origin}", todo)
    else:
        yield ok("settings.origin", settings.log.origin)


def _told(settings: Settings) -> Iterator[Result]:
    """See that somebody hears when this installation fails."""
    watch = settings.watch
    channels = len(watch.channel_names)
    if not channels:
        todo = "Set up [[watch.emails]] or [[watch.webhooks]], and run `holdwatch watch` (docs/watch.md)."
        yield warning("settings.channels", "the watchdog has no channel: nobody is told when the engine fails", todo)
    elif channels < _SHARED_FATE:
        yield note("settings.channels", "one channel: if it fails nobody is told", "Add one over another network.")
    else:
        yield ok("settings.channels", f"{channels} channels; `holdwatch watch --test` tries them")
    if watch.ping is None:
        todo = "Set up [watch.ping] with a dead-man's switch outside (docs/watch.md)."
        yield note("settings.ping", "nobody outside notices when this whole machine is gone", todo)
    if settings.kafka is None and not watch.engine:
        yield warning("settings.engine", "watch.engine is false, and there are no workers", "Set it to true.")
    if settings.kafka is not None and not watch.checks:
        yield warning("settings.checks", "no [[watch.checks]]: workers are not watched", "Add one for each worker.")


def _packs(settings: Settings) -> Iterator[Result]:
    try:
        _, packs = packs_of(settings)
    except PolicyPackError as error:
        yield fault("settings.packs", next(iter(str(error).splitlines())), "`holdwatch policy check PACK` tells more.")
        return
    for pack in {pack.revision: pack for pack in packs}.values():
        name = f"settings.pack.{pack.id}"
        if pack.checked is Checked.FULL_TEXT:
            yield ok(name, f"revision {pack.revision[:12]}, text read whole; have counsel sign it")
        else:
            todo = "Have counsel compare it with the law's text before you rely on it: `holdwatch policy show`."
            yield warning(name, f"text of the law: {pack.checked.value.replace('_', ' ')}", todo)
    for facility in settings.facilities:
        for choice in facility.packs:
            if choice.effective_from is None and len(facility.packs) > 1 and choice is not facility.packs[0]:
                text = f"{facility.source}: two packs without a date"
                yield note("settings.pack_dates", text, "Give each pack but the first its effective_from.")
            if "/" in choice.pack and not Path(choice.pack).is_absolute():
                yield warning("settings.pack_path", f"{choice.pack} is relative", "Write it from the root.")
