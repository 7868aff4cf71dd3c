"""Tables in Parquet files whose bytes depend on their content alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from softlabel.errors import DamagedRunError, StorageError
from softlabel.store.atomic import Announce, writing

if TYPE_CHECKING:
    import pandas as pd


def write_table(path: str | Path, frame: pd.DataFrame, announce: Announce | None = None) -> str:
    """Write a data frame without its index; return the SHA-256 of the file.

    Columns of lists become lists of the numbers they hold. Equal frames give equal files under one version of pyarrow.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    # What pandas adds here is its own version, and hints that only pandas reads.
    table = table.replace_schema_metadata(None)
    table = table.cast(pa.schema([pa.field(field.name, _plain_type(field.type)) for field in table.schema]))
    with writing(path, announce) as writer:
        sink = pa.PythonFile(_Sink(writer), mode="w")
        pq.write_table(table, sink, compression="zstd")
    return writer.sha256


def read_table(path: str | Path, *, advice: str) -> pd.DataFrame:
    """Read a data frame; lists come as arrays.

    Raises
    ------
    DamagedRunError
        If it is missing or no Parquet file.
    """
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path).read().to_pandas()
    except FileNotFoundError as error:
        raise DamagedRunError(f"{path} is missing; {advice}") from error
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise StorageError(
                f"{path} cannot be read ({error.strerror or error}); check its permissions and the disk"
            ) from error
        reason = " ".join(str(error).split())[:120]
        raise DamagedRunError(f"{path} is no Parquet file ({reason}); {advice}") from error


def _plain_type(kind: Any) -> Any:
    """Texts have two types in Arrow, by the version of pandas they come from; one file for both."""
    import pyarrow as pa

    return pa.string() if pa.types.is_large_string(kind) else kind


class _Sink:
    """A writer as Arrow wants one."""

    closed = False

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, data: Any) -> int:
        return self._writer.write(data)

    def flush(self) -> None: ...

    def close(self) -> None: ...
