"""Tables for spreadsheets and data frames: CSV with a sidecar of units, and Parquet with the units inside."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kneeimu.sessions.atomic import write_private
from kneeimu.sessions.exporters.columns import (
    ANGLES,
    REPS,
    SAMPLES,
    WHOLE,
    WORDS,
    Column,
    about,
    angle_table,
    describe,
    frames,
    lines,
    rep_rows,
    sample_table,
)
from kneeimu.sessions.play import Played

if TYPE_CHECKING:
    import pyarrow


def write_csv(played: Played, folder: Path) -> list[Path]:
    """Write ``NAME_reps.csv``, ``NAME_angles.csv``, ``NAME_samples.csv`` and ``NAME_columns.json`` into the folder.

    The samples have the form that ``kneeimu analyze`` reads. Empty cells are numbers that are not known.

    Raises:
        InputError: the folder can't be written.
    """
    reps = [[row[column.name] for column in REPS] for row in rep_rows(played)]
    written = [
        _csv(folder / f"{played.name}_reps.csv", REPS, reps),
        _csv(folder / f"{played.name}_angles.csv", ANGLES, angle_table(played).tolist()),
        _csv(folder / f"{played.name}_samples.csv", SAMPLES, sample_table(played).tolist()),
    ]
    sidecar = folder / f"{played.name}_columns.json"
    tables = {"reps": describe(REPS), "angles": describe(ANGLES), "samples": describe(SAMPLES)}
    text = json.dumps({**about(played), "frames": frames(played), "columns": tables}, indent=2, ensure_ascii=False)
    write_private(sidecar, text + "\n")
    return [*written, sidecar]


def _csv(path: Path, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Path:
    write_private(path, ",".join(column.name for column in columns) + "\n" + lines(rows, ",", ""))
    return path


def write_parquet(played: Played, folder: Path) -> list[Path]:
    """Write ``NAME_reps.parquet``, ``NAME_angles.parquet`` and ``NAME_samples.parquet``; units are field metadata.

    Raises:
        InputError: the folder can't be written, or pyarrow is not installed.
    """
    rows = rep_rows(played)
    reps = {column.name: [row[column.name] for row in rows] for column in REPS}
    angles = dict(zip((c.name for c in ANGLES), angle_table(played).T, strict=True))
    samples = dict(zip((c.name for c in SAMPLES), sample_table(played).T, strict=True))
    return [
        _parquet(folder / f"{played.name}_reps.parquet", REPS, reps, played),
        _parquet(folder / f"{played.name}_angles.parquet", ANGLES, angles, played),
        _parquet(folder / f"{played.name}_samples.parquet", SAMPLES, samples, played),
    ]


def _parquet(path: Path, columns: Sequence[Column], data: dict[str, Any], played: Played) -> Path:
    from kneeimu.sessions.exporters.extras import need

    pa: Any = need("pyarrow", "export")
    pq: Any = need("pyarrow.parquet", "export")
    fields = [_field(pa, column) for column in columns]
    arrays = [pa.array(data[field.name], field.type, from_pandas=True) for field in fields]
    said = {"kneeimu": json.dumps({**about(played), "frames": frames(played)})}
    table: pyarrow.Table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=said))
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    write_private(path, buffer.getvalue())
    return path


def _field(pa: Any, column: Column) -> Any:
    kind = pa.int32() if column.name in WHOLE else pa.string() if column.name in WORDS else pa.float64()
    return pa.field(column.name, kind, metadata={"unit": column.unit, "description": column.meaning})
