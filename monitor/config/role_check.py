"""Whether the roles that a log is given suit the model's task and the kind of log."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config.predictions import is_sql
from monitor.config.url import kind
from monitor.config.wrong import Wrong

Block = Mapping[str, Any]
_RANKING_ONLY = ("item", "rank")


def check_roles(task: object, source: Block) -> Iterator[Wrong]:
    """Yield what is wrong with the roles of a source block for a task; tolerant of other faults.

    Parameters
    ----------
    task : object
        As written; an unknown one is judged like binary.
    source : mapping
        The ``source`` block as written, with ``predictions``.
    """
    predictions = block(source, "predictions")
    if predictions is None:
        return
    at = ("predictions",)
    yield from _place(source.get("url"), predictions, task == "ranking", at)
    yield from _ranking(predictions) if task == "ranking" else _single(predictions)
    yield from _outputs(task, predictions)
    truth = block(source, "ground_truth")
    if truth is None:
        return
    yield from _truth(task, source, truth)
    if "target" in predictions and "target" in truth:
        yield _wrong("is given in ground_truth too", "keep one of the two", "predictions", "target")


def block(of: object, key: str) -> Block | None:
    """Return a block inside a block; None when it is absent or no mapping."""
    value = of.get(key) if isinstance(of, Mapping) else None
    return value if isinstance(value, Mapping) else None


def _wrong(problem: str, hint: str, *at: str) -> Wrong:
    return Wrong(problem, hint, at=at, shown=False)


def _place(url: object, part: Block, ranking: bool, at: tuple[str, ...]) -> Iterator[Wrong]:
    """Check table and query against the kind of log."""
    if not isinstance(url, str) or "://" not in url:
        return
    log = kind(url)
    if log in ("files", "ingest"):
        name = "files have" if log == "files" else "ingest:// has"
        for key in ("table", *(() if ranking else ("query",)), *(("where",) if log == "ingest" else ())):
            if key in part:
                yield _wrong(f"is given, but {name} none", "remove it", *at, key)
        return
    if ranking or "query" not in part:
        if "table" not in part:
            other = "" if ranking else ", or query: and SQL text"
            yield _wrong("is missing", f"add table: and the table's name{other}", *at, "table")
        return
    if "table" in part:
        yield _wrong("is given beside table", "keep one of the two", *at, "query")
    query = part["query"]
    if isinstance(query, str) and query.strip() and not is_sql(query):
        yield _wrong("is not a SQL query", "write SELECT …; only ranking models name a column here", *at, "query")


def _single(predictions: Block) -> Iterator[Wrong]:
    if "id" not in predictions:
        yield _wrong("is missing", "add id: and the column that identifies a prediction", "predictions", "id")
    for key in _RANKING_ONLY:
        if key in predictions:
            yield _wrong("is for ranking models only", "remove it, or set task: ranking", "predictions", key)


def _ranking(predictions: Block) -> Iterator[Wrong]:
    for key, meaning in (("query", "the request"), ("item", "the recommended item")):
        if key not in predictions:
            yield _wrong("is missing", f"a ranking model needs the column of {meaning}", "predictions", key)
    query = predictions.get("query")
    if isinstance(query, str) and is_sql(query):
        yield _wrong("is SQL text", "for ranking it is the request's column: read from a view", "predictions", "query")
    if "rank" not in predictions and "score" not in predictions:
        yield _wrong("is missing", "a ranking model needs rank: or score:", "predictions", "rank")
    if "prediction" in predictions:
        yield _wrong("is not for ranking models", "write rank: or score: in its place", "predictions", "prediction")


def _outputs(task: object, predictions: Block) -> Iterator[Wrong]:
    score = predictions.get("score")
    if score is None and "score" not in predictions:
        return
    if task == "regression":
        yield _wrong("is not for regression models", "name the column as prediction:", "predictions", "score")
    elif task == "multiclass" and not isinstance(score, Mapping):
        yield _wrong("names one column", "write {class: column} for every class", "predictions", "score")
    elif task in ("binary", "ranking") and isinstance(score, Mapping):
        whose = "the positive class" if task == "binary" else "the score"
        yield _wrong("names a column for each class", f"write the one column of {whose}", "predictions", "score")


def _truth(task: object, source: Block, truth: Block) -> Iterator[Wrong]:
    at = ("ground_truth",)
    ranking = task == "ranking"
    for key in ("query", "item") if ranking else ("id",):
        if key not in truth:
            yield _wrong("is missing", f"add {key}: and the column that joins it with predictions", *at, key)
    if "item" in truth and not ranking:
        yield _wrong("is for ranking models only", "remove it, or set task: ranking", *at, "item")
    url = source.get("url")
    if "url" not in truth and isinstance(url, str) and "://" in url and kind(url) == "files":
        hint = "write its own url:, or predictions.target if it stands in the same rows"
        yield _wrong("is missing", hint, *at, "url")
        return
    yield from _place(truth.get("url", url), truth, ranking, at)
