"""What a reporter is: a translation of a value into text, without files, clock or taste of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

Subject_contra = TypeVar("Subject_contra", contravariant=True)

DEFAULT_WIDTH = 100
"""Columns of a screen whose width is not known."""
MINIMUM_WIDTH = 40
"""Narrower screens get lines of this width; less cannot hold a finding."""
DEFAULT_CHARACTERS = 60_000
"""Fits a comment on a pull request (65,536 characters) with room for what others put around it."""
MINIMUM_CHARACTERS = 2000
"""Shorter texts have no room for their head and for what they leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a text is wanted; a format for machines may ignore every one of these."""

    width: int = DEFAULT_WIDTH
    color: bool = False
    verbose: bool = False
    """Add the path of each finding and the meaning of the assumptions."""
    limit: int = 3
    """How many details of a finding are shown; 0 shows all."""
    scope: str = ""
    """What was asked to be audited, in words that stay from run to run; empty: the names of the sources."""
    anchor: str = ""
    """A file of the user's, relative, at which results point that concern none (SARIF)."""
    suppressions: bool = False
    """Whether what is waived is kept as suppressed results (SARIF), not left out."""
    characters: int = DEFAULT_CHARACTERS
    """How long a text for a comment may get (Markdown), counted as bytes of UTF-8."""

    @property
    def columns(self) -> int:
        """The width to lay text out for."""
        return max(self.width, MINIMUM_WIDTH)


class Reporter(Protocol[Subject_contra]):
    """Translates one kind of value: a `Report`, or the traces that were asked for.

    An implementation is deterministic (equal subject and options, equal text), reads no file and no clock,
    ends its text with one line feed, and makes names from the subject harmless for what shows the text.
    """

    @property
    def name(self) -> str:
        """The word of `--format` that selects it."""

    @property
    def media_type(self) -> str:
        """The type of the text, as in HTTP."""

    def render(self, subject: Subject_contra, options: Options) -> str:
        """The whole text."""
