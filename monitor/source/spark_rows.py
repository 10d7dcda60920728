"""Rows of Spark frames: which of them, and the ground truth that belongs to them, as lazy frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import Window as Over
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's world calls it
from pyspark.sql import types as T  # noqa: N812

from monitor.source.bounds import epoch_ranges, local_bound
from monitor.source.pairing import Pairing
from monitor.source.relation import Request

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_NUMBERS = (T.LongType, T.IntegerType, T.ShortType, T.DoubleType, T.FloatType, T.DecimalType)


def column(frame: DataFrame, name: str) -> Column:
    """Return a column whatever characters its name has."""
    return frame["`" + name.replace("`", "``") + "`"]


def chosen(frame: DataFrame, request: Request) -> DataFrame:
    """Keep the rows that a request asks for; some outside its bounds may stay."""
    for name, value in request.where.items():
        at = column(frame, name)
        frame = frame.filter(at.isNull() if value is None else _same(at, frame.schema[name].dataType, value))
    within = _within(frame, request)
    return frame if within is None else frame.filter(within)


def joined(frame: DataFrame, request: Request, truth: DataFrame, pairing: Pairing) -> DataFrame:
    """Return the requested columns of each row, then target and time of its latest ground truth; named by place."""
    rows = chosen(frame, request)
    keys = [column(rows, left) for left, _ in pairing.keys]
    rows = rows.select(
        *(key.alias(f"k{i}") for i, key in enumerate(keys)),
        *(column(rows, name).alias(f"c{i}") for i, name in enumerate(request.columns)),
    )
    found = latest(truth, pairing)
    width = len(request.columns)
    wanted = [f"c{i}" for i in range(width)] + [f"t{i}" for i in range(len(pairing.wanted))]
    return rows.join(found, _paired(rows, found, len(keys)), "left").select(*wanted)


def orphaned(frame: DataFrame, request: Request, truth: DataFrame, pairing: Pairing) -> DataFrame:
    """Return target and time of the ground truth rows whose key no prediction has."""
    rows = chosen(frame, Request((), where=request.where))
    rows = rows.select(*(column(rows, left).alias(f"k{i}") for i, (left, _) in enumerate(pairing.keys)))
    found = _keyed(chosen(truth, pairing.truth), pairing)
    return found.join(rows, _paired(found, rows, len(pairing.keys)), "left_anti").select(
        *(f"t{i}" for i in range(len(pairing.wanted)))
    )


def latest(truth: DataFrame, pairing: Pairing) -> DataFrame:
    """Return one row per key: the latest by time, of equal or no times the largest target; unknown ones lose."""
    found = _keyed(chosen(truth, Request((), where=pairing.truth.where)), pairing, timed=True)
    keys = [f"k{i}" for i in range(len(pairing.keys))]
    order = [F.col("t0").isNotNull().desc(), F.col("t0").desc()]
    if isinstance(found.schema["t0"].dataType, T.FloatType | T.DoubleType):
        order.insert(0, (~F.isnan("t0")).desc())
    if "t1" in found.columns:
        at = F.col("t1")
        if isinstance(found.schema["t1"].dataType, T.StringType):
            order = [F.try_to_timestamp(at).desc_nulls_last(), at.desc_nulls_last(), *order]
        else:
            order = [at.desc_nulls_last(), *order]
    ranked = found.withColumn("place", F.row_number().over(Over.partitionBy(*keys).orderBy(*order)))
    return ranked.filter(F.col("place") == 1).drop("place")


def _keyed(truth: DataFrame, pairing: Pairing, *, timed: bool = False) -> DataFrame:
    """Return keys, target and time of ground truth, named by place."""
    time = pairing.truth.time
    wanted = pairing.truth.columns[:1] + ((time,) if time is not None and (timed or pairing.timed) else ())
    keys = [column(truth, right).alias(f"k{i}") for i, (_, right) in enumerate(pairing.keys)]
    return truth.select(*keys, *(column(truth, name).alias(f"t{i}") for i, name in enumerate(wanted)))


def _paired(left: DataFrame, right: DataFrame, keys: int) -> Column:
    """Demand that all keys are equal, as text where their types differ."""
    every = F.lit(True)
    for i in range(keys):
        a, b = left[f"k{i}"], right[f"k{i}"]
        same = left.schema[f"k{i}"].dataType == right.schema[f"k{i}"].dataType
        every = every & (a == b if same else a.cast("string") == b.cast("string"))
    return every


def _same(at: Column, kind: T.DataType, value: object) -> Column:
    if isinstance(kind, T.StringType):
        return at == F.lit(str(value).lower() if isinstance(value, bool) else str(value))
    return at == F.lit(str(value).lower() if isinstance(value, bool) else str(value)).cast(kind)


def _within(frame: DataFrame, request: Request) -> Column | None:
    """Bound the time column by a range of its own type, so that files are pruned; text is not bounded."""
    if request.time is None or (request.start is None and request.end is None):
        return None
    at, kind = column(frame, request.time), frame.schema[request.time].dataType
    start, end, zone = request.start, request.end, request.timezone
    if isinstance(kind, T.TimestampType):
        return _between(at, start, end)
    if isinstance(kind, T.TimestampNTZType | T.DateType):
        first, last = local_bound(start, zone, -1), local_bound(end, zone, 1)
        bounds = [None if b is None else F.lit(b.isoformat(sep=" ")).cast("timestamp_ntz") for b in (first, last)]
        day = isinstance(kind, T.DateType)
        low = bounds[0] if bounds[0] is None or not day else bounds[0].cast("date")
        high = bounds[1] if bounds[1] is None or not day else F.date_add(bounds[1].cast("date"), 1)
        return _between(at, low, high)
    if isinstance(kind, _NUMBERS):
        either = F.lit(False)
        for least, limit in epoch_ranges(start, end):
            either = either | ((at >= F.lit(least)) & (at < F.lit(limit)))
        return either
    return None


def _between(at: Column, low: Any, high: Any) -> Column:
    kept = F.lit(True)
    if low is not None:
        kept = kept & (at >= low)
    return kept if high is None else kept & (at < high)
