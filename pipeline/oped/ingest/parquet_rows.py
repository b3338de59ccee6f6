"""Parquet, row by row: a cell that Python can't hold costs itself alone, and memory stays small."""

from collections.abc import Iterator
from typing import IO, Any

SMALL_ROW = 1 << 20  # bytes
ROWS_AT_ONCE = 64


def read_parquet(stream: IO[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a table with their places.

    A cell that Python can't hold, such as a time of parts of microseconds or in a zone that nobody knows, is given as text.

    Raises:
        OSError: the file can't be read from here on.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        table = pq.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
        for batch in table.iter_batches(batch_size=_rows_at_once(table.metadata)):
            for row in _rows(batch):
                number += 1
                yield f"row {number}", row
    except (pa.ArrowException, ValueError, TypeError, KeyError, OverflowError) as error:
        raise OSError(str(error)) from None


def _rows_at_once(metadata: Any) -> int:
    """How many rows are unpacked together: one, where they are large."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=0)
    return ROWS_AT_ONCE if largest < SMALL_ROW / ROWS_AT_ONCE else 1


def _rows(batch: Any) -> Iterator[dict[str, Any]]:
    try:
        yield from batch.to_pylist()
        return
    except Exception:  # pyarrow raises what the types that it makes raise
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    for number in range(batch.num_rows):
        yield {name: _value(column[number]) for name, column in columns.items()}


def _value(cell: Any) -> Any:
    """A cell as Python has it, else as text, else as nothing."""
    for read in (lambda: cell.as_py(), lambda: _as_text(cell)):
        try:
            return read()
        except Exception:  # see above
            continue
    return None


def _as_text(cell: Any) -> str:
    import pyarrow as pa

    kind = cell.type
    naive = cell.cast(pa.timestamp(kind.unit)) if pa.types.is_timestamp(kind) and kind.tz else cell
    return str(naive.cast(pa.string()).as_py())
