"""The errors that the auditor raises on purpose: one root and a short tree below it.

Library code raises these and never exits; `auditor.cli` alone turns them into messages and exit codes.
"""

from __future__ import annotations


class AuditorError(Exception):
    """Something the user can act on; the message is one line, lower case, without a full stop."""


class InputError(AuditorError):
    """An input (snapshot, policy, option) that cannot be read or does not make sense.

    `place` says where: a file, `file:line`, `file:line:column` or an option; it is put before the message.
    """

    def __init__(self, message: str, *, place: str | None = None) -> None:
        self.place = place
        self.message = message
        super().__init__(f"{place}: {message}" if place else message)


class UsageError(AuditorError):
    """A request that contradicts itself or names something that does not exist."""
