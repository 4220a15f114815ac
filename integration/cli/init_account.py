"""The console's first account: an administrator, who makes the others."""

from dataclasses import dataclass

from integration.bootstrap import OpenLog
from integration.cli.opening import audit_desk
from integration.clock import WallClock


@dataclass(frozen=True, slots=True)
class Made:
    """What is shown once, and kept nowhere in clear."""

    name: str
    password: str
    uri: str
    """For the app of one-time codes."""


def first_account(log: OpenLog, name: str, *, by: str) -> Made:
    """Make an account with the administrator's role. The log records it.

    Raises:
        UsageError: the name is taken or no name.
    """
    from integration.console.access import Role  # noqa: PLC0415  password hashing is loaded only where it is used
    from integration.console.people import Pen, People, enrolment, random_password, rules_of  # noqa: PLC0415
    from integration.store.accounts import Accounts, Grant  # noqa: PLC0415

    try:
        settings = log.settings
        people = People(
            Accounts(log.store.engine),
            Pen(audit_desk(log)),
            log.vault,
            rules_of(settings.console),
            WallClock().now,
            sources=[facility.source for facility in settings.facilities],
        )
        password = random_password()
        secret = people.add(name, password, [Grant(Role.ADMINISTRATOR.value, "")], by=by)
        log.checkpointer.publish()
    finally:
        log.store.close()
    return Made(name, password, enrolment(name, secret))
