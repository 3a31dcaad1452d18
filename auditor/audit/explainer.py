"""Answers of `trace` with what they lack and what would confirm them."""

from __future__ import annotations

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.finding import From, Trace
from auditor.model.question import Question
from auditor.model.verdict import Effect, Outcome, Stage, Verdict
from auditor.rules.confirm_commands import Asked, confirm_commands
from auditor.rules.supply_hints import missing_sentence, supply_hint
from auditor.rules.wording import distinct


class Explainer:
    """Explains answers from one cluster; a question that is asked again is explained once."""

    def __init__(self, cluster: Cluster, estate: Estate) -> None:
        self._cluster = cluster
        self._estate = estate
        # A verdict is held by its trace as long as the explainer lives, so its id is not used again.
        self._known: dict[tuple[From, int, bool], Trace] = {}

    def trace(self, asked_from: From, question: Question, verdict: Verdict, *, pods: bool) -> Trace:
        """The answer as a record; `pods` tells that it is asked from a subnet of pods."""
        key = (asked_from, id(verdict), pods)
        known = self._known.get(key)
        if known is None:
            supply, supply_commands = self._missing(asked_from, question, verdict)
            asked = Asked(
                estate=self._estate,
                cluster=self._cluster,
                asked_from=asked_from,
                pods=pods,
                question=question,
                verdict=verdict,
            )
            known = self._known[key] = Trace(
                cluster=self._cluster,
                asked_from=asked_from,
                to=question.to,
                verdict=verdict,
                supply=supply,
                supply_commands=supply_commands,
                confirm=confirm_commands(asked),
            )
        return known

    def _missing(
        self, asked_from: From, question: Question, verdict: Verdict
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A sentence for each reason of an `unknown`, and the commands that read what is missing."""
        if verdict.outcome is not Outcome.UNKNOWN:
            return (), ()
        pieces = [piece for piece in verdict.pieces if not piece.aside]
        opened = [piece for piece in pieces if piece.verdict is Outcome.UNKNOWN] or pieces
        path = [hop for piece in opened for hop in piece.hops]
        # An address that is not known may be that of the proxy on the way, not that of the endpoint.
        unknown = (hop for hop in path if hop.outcome is Effect.UNKNOWN and hop.stage is Stage.PROXY)
        to = next((hop.resource for hop in unknown if hop.resource), question.to)
        name = to.rpartition(":")[0] or to.rpartition("/")[0]
        network = asked_from.subnet.parent if asked_from.subnet is not None else None
        hints = [
            supply_hint(self._estate, self._cluster, code, name, path, network=network)
            for code in verdict.reasons
        ]
        return (
            tuple(missing_sentence(code, hint) for code, hint in zip(verdict.reasons, hints, strict=True)),
            distinct(command for hint in hints for command in hint.commands),
        )
