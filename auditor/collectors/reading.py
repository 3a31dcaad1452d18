"""One read on its way into the spool, page by page."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from auditor.collectors.document_lines import RefusedError, document_line, id_of
from auditor.collectors.journal import Row, Span
from auditor.collectors.normalise import items
from auditor.collectors.spool import Place, Spool, digest
from auditor.model.snapshot import Skipped


class Reading:
    """One read on its way into the spool; made by a FolderWriter."""

    def __init__(
        self,
        spool: Spool,
        record: Callable[[Row, Iterable[Place]], None],
        told: Callable[[], Any],
    ) -> None:
        self._spool = spool
        self._record = record
        self._told = told
        self._spans: list[Span] = []
        self._places: list[Place] = []
        self._crc = 0
        self._documents = 0
        self._odd: list[str] = []

    def page(self, documents: Iterable[Any]) -> None:
        """Documents, in the order in which they came.

        One that a snapshot cannot hold is left out, and one that its reader will pass over is kept all the same; both
        make the read `partial`, for what they stand for is not known.
        """
        lines: list[bytes] = []
        ids: list[str | None] = []
        for document in documents:
            try:
                lines.append(document_line(document))
            except RefusedError as error:
                self._odd.append(str(error))
            else:
                ids.append(id_of(document))
                self._odd += (item.reason for item in items([document], "") if isinstance(item, Skipped))
        if not lines:
            return
        with self._told():
            start, end = self._spool.write(lines)
        self._spans.append((start, end))
        self._documents += len(lines)
        for line, reference in zip(lines, ids, strict=True):
            self._crc = zlib.crc32(line, self._crc)
            if reference is not None:
                self._places.append((digest(reference), start))
            start += len(line)

    def end(self, row: Row, *, replacing: bool = False) -> None:
        """The read has ended as `row` says."""
        status, error = row.status, row.error
        if self._odd:
            error = "; ".join([*filter(None, [error]), *self._odd[:3]])
            status = "partial" if status == "complete" else status
        ended = replace(
            row,
            status=status,
            error=error,
            documents=self._documents,
            spans=tuple(self._spans),
            crc=self._crc,
            replaces=self._spool.older(self._places) if replacing else (),
        )
        self._record(ended, self._places)
