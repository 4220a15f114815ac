"""Asking a pack: the one place that evaluates policies, and every doubt is a deny.

The engine below skips a policy whose evaluation fails, so a broken ``forbid`` alone would let a request through.
Hence a permit is an Allow *and* diagnostics without errors *and* at least one policy that says so.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import cedarpy

from integration.policy.clauses import SCHEMA, Clause, read
from integration.policy.contexts import ACTION_OF, Context, attributes, describe
from integration.policy.decisions import Decision, Reason, failure
from schemas.kinds import LegalBasis

ENGINE_VERSION: Final = f"cedarpy {version('cedarpy')}"
"""Pins the policy language's engine: its version follows the engine's. Record it beside a pack's revision."""

_PRINCIPAL: Final = {"type": "Jail", "id": "jail"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of a pack that its policies read."""

    pack: str
    approval_bases: frozenset[LegalBasis]
    place_of_birth_rides_with_status: bool


class Engine:
    """The policies of one pack, ready to decide. Safe to share between threads: it only ever adds equal answers."""

    def __init__(self, policy_text: str, settings: Settings) -> None:
        """Parse and validate everything once.

        Raises:
            PolicyTextError: See `clauses.read`.
        """
        self.settings: Final = settings
        self.clauses, self._policies = read(policy_text)
        self._order: Final = {clause.id: place for place, clause in enumerate(self.clauses)}
        self._resource: Final = {"type": "Pack", "id": settings.pack}
        entity = {
            "uid": self._resource,
            "attrs": {
                "approval_bases": sorted(basis.value for basis in settings.approval_bases),
                "place_of_birth_rides_with_status": settings.place_of_birth_rides_with_status,
            },
            "parents": [],
        }
        self._entities: Final = cedarpy.Entities.from_json_str(json.dumps([entity]), SCHEMA)
        self._known: Final[dict[Context, Decision]] = {}

    def decide(self, context: Context) -> Decision:
        """Decide one request. Never raises (but for an interrupt or exit): an error is a deny with `POLICY_ERROR`."""
        return self.decide_all((context,))[0]

    def decide_all(self, contexts: Sequence[Context]) -> list[Decision]:
        """Decide many requests in one call, in their order. One that cannot be asked at all denies the whole call."""
        try:
            missing = [context for context in contexts if context not in self._known]
            answers = dict(zip(missing, self._ask(missing), strict=True)) if missing else {}
            # An error may pass (no memory, say), so it is no property of the context and is not kept.
            self._known.update((context, answer) for context, answer in answers.items() if not answer.failed)
            return [answers[context] if context in answers else self._known[context] for context in contexts]
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  a panic of the native engine is no Exception, and must deny too
            return [failure(f"{type(error).__name__}: {error}")] * len(contexts)

    def _ask(self, contexts: Sequence[Context]) -> list[Decision]:
        requests = [
            {
                # Records, never text: a text id is parsed as policy language.
                "principal": _PRINCIPAL,
                "action": {"type": "Action", "id": ACTION_OF[type(context)].value},
                "resource": self._resource,
                "context": json.dumps(attributes(context)),
            }
            for context in contexts
        ]
        results = cedarpy.is_authorized_batch(requests, self._policies, self._entities, SCHEMA)
        return [self._judge(context, result) for context, result in zip(contexts, results, strict=True)]

    def _judge(self, context: Context, result: cedarpy.AuthzResult) -> Decision:
        """Turn the engine's answer into ours (POLICY.md, "Engine")."""
        errors = tuple(str(error) for error in result.diagnostics.errors)
        if errors or result.decision not in {cedarpy.Decision.Allow, cedarpy.Decision.Deny}:
            return failure(*errors or (f"no decision for {describe(context)}",))
        permit = result.decision is cedarpy.Decision.Allow
        deciding = [self.clauses[place] for place in sorted(self._order[name] for name in result.diagnostics.reasons)]
        if not deciding:
            # A deny that nothing states is the default; an allow that nothing states cannot be trusted.
            return _DEFAULT_DENY if not permit else failure("allowed, but by no policy")
        return stated(deciding, permit=permit)


_DEFAULT_DENY: Final = Decision(permit=False, reasons=(Reason.NO_PERMIT,), provisions=(), policies=())


def stated(deciding: Sequence[Clause], *, permit: bool) -> Decision:
    """Return the decision that these policies state together."""
    # dict.fromkeys: without repeats, in order.
    return Decision(
        permit=permit,
        reasons=tuple(dict.fromkeys(clause.reason for clause in deciding)),
        provisions=tuple(dict.fromkeys(number for clause in deciding for number in clause.provisions)),
        policies=tuple(clause.id for clause in deciding),
    )
