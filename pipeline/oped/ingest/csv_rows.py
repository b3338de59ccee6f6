"""CSV, record by record: a record that is torn or too long costs itself alone."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from oped.errors import InputError, TooLongError

Row = Mapping[str, Any]
SKIPPED = 16  # times the limit: of a longer line the rest is not even looked for
_BAD_BYTES = re.compile("[\udc80-\udcff]")  # as surrogateescape shows bytes that are no UTF-8


def read_csv(stream: io.BufferedReader, name: str, limit: int) -> Iterator[tuple[str, Row | InputError]]:
    """The rows of a table with their places, or why a row is none.

    A quotation mark that is never closed would make one cell of all rows behind it: the record is then said to be torn, and
    reading goes on with its second line.

    Args:
        name: of the table, for messages.
        limit: characters of a record.

    Raises:
        InputError: the file can't be read from here on.
    """
    csv.field_size_limit(max(limit, 1 << 17))
    with io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="") as text:
        lines = _Lines(text, name, limit)
        header: list[str] | None = None
        number = 0
        for record in lines.records():
            if isinstance(record, list) and header is None:
                header = record
                continue
            number += 1
            place = f"row {number}"
            if isinstance(record, InputError):
                yield place, record
            elif header is not None:
                yield place, {key: value for key, value in _cells(header, record) if key}


def _cells(header: list[str], record: list[str]) -> Iterator[tuple[str, str | None]]:
    """Names and cells; a cell that is missing is None, and one too many is left out."""
    for number, key in enumerate(header):
        yield key, record[number] if number < len(record) else None


class _Lines:
    """Cuts a text into the records of a table, of which each may have several lines."""

    def __init__(self, text: io.TextIOWrapper, name: str, limit: int) -> None:
        self.text, self._name, self.limit = text, name, limit
        self._again: Iterator[str] = iter(())  # lines of a torn record, to be read anew

    def records(self) -> Iterator[list[str] | InputError]:
        """Records, or why one is none; empty lines are passed over."""
        for line in iter(self.next, ""):
            if line.strip("\r\n"):
                yield self._record(line)

    def next(self) -> str:
        """The next line; empty at the end."""
        line = next(self._again, None)
        return self.text.readline(self.limit) if line is None else line

    def _record(self, first: str) -> list[str] | InputError:
        if len(first) >= self.limit:
            return self._skip(first)
        taken = [first]
        rest = _Rest(self, taken)
        try:
            found = next(csv.reader(chain([first], rest), strict=False))
        except (csv.Error, StopIteration) as error:
            return self._torn(taken, str(error) or "no cells")
        if len(taken) > 1 and (rest.ended or _is_torn(taken)):
            return self._torn(taken, "a quotation mark that is not closed")
        if bad := next(filter(None, map(_BAD_BYTES.search, taken)), None):
            return InputError(f"{self._name}: expected UTF-8, found byte {ord(bad[0]) - 0xDC00:#04x}")
        return found

    def _torn(self, taken: list[str], reason: str) -> InputError:
        self._again = chain(taken[1:], self._again)
        return InputError(f"{self._name}: expected a row of CSV, found {reason} in {taken[0].strip()[:50]!r}")

    def _skip(self, line: str) -> InputError:
        """Pass over a line that is too long."""
        for _ in range(SKIPPED):
            if line.endswith(("\n", "\r")) or not line:
                reason = f"{self._name}: expected a row of less than {self.limit:,} characters, found more"
                return TooLongError(reason)
            line = self.text.readline(self.limit)
        raise InputError(f"{self._name}: expected rows of CSV, found a line without an end; the rest is not read")


class _Rest:
    """The further lines of a record, which the reader asks for while a quotation is open."""

    def __init__(self, lines: _Lines, taken: list[str]) -> None:
        self._lines, self._taken, self._size = lines, taken, len(taken[0])
        self.ended = False

    def __iter__(self) -> "_Rest":
        return self

    def __next__(self) -> str:
        line = self._lines.next() if self._size < self._lines.limit else ""
        if not line:
            self.ended = True
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        return line


def _is_torn(taken: list[str]) -> bool:
    """Whether a quotation mark within several lines closes a cell that goes on behind it."""
    try:
        next(csv.reader(iter(taken), strict=True))
    except (csv.Error, StopIteration):
        return True
    return False
