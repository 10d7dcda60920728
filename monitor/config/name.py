"""Names that stand in monitor.yaml: of models, receivers, columns, metrics."""

import re
from typing import Annotated

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

_LONGEST = 200
_METRIC = re.compile(r"[a-z][a-z0-9_]*(@[1-9][0-9]{0,4})?|evidently\.[A-Za-z][A-Za-z0-9_]*")
_QUOTE = "names are text: put it in quotes"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong("is not a name", _QUOTE if isinstance(value, int | float) else "write a text")
    if not value:
        raise Wrong("is an empty text", "write a name")
    return value


def check_name(value: object) -> str:
    """Return a name of a model or receiver: it goes into URLs, files and patterns.

    Raises
    ------
    Wrong
        It is empty, longer than 200 characters, begins or ends in a space, or holds a slash,
        an asterisk or a control character.

    Examples
    --------
    >>> check_name("churn@staging")
    'churn@staging'
    """
    name = _text(value)
    if len(name) > _LONGEST:
        raise Wrong("is longer than 200 characters", "write a shorter name", shown=False)
    if name != name.strip() or not name.isprintable() or re.search(r"[/\\*?]", name):
        raise Wrong(
            "cannot be a name",
            "use letters, digits and - _ . @, no slash, asterisk, question mark or line break",
        )
    if name in (".", ".."):
        raise Wrong("cannot be a name", "use a name with a letter or a digit")
    return name


def check_column(value: object) -> str:
    """Return the name of a column, whatever characters it has; only the empty text is refused.

    Examples
    --------
    >>> check_column("Größe; DROP TABLE")
    'Größe; DROP TABLE'
    """
    return _text(value)


def check_metric(value: object) -> str:
    """Return the name of a metric, such as ``psi``, ``ndcg@10`` or ``evidently.DriftedColumnsCount``.

    Whether such a metric exists is known only where metrics are registered.

    Examples
    --------
    >>> check_metric("ndcg@10")
    'ndcg@10'
    """
    name = _text(value)
    if _METRIC.fullmatch(name):
        return name
    small = re.sub(r"[^a-z0-9@]+", "_", name.lower()).strip("_")
    cure = f"did you mean {small}?" if _METRIC.fullmatch(small) else "write one such as psi"
    raise Wrong("is not the name of a metric", f"metrics are written in small_letters: {cure}")


_SCHEMA = {"type": "string", "minLength": 1}

Name = Annotated[str, Parsed(check_name, {**_SCHEMA, "maxLength": 200})]
Column = Annotated[str, Parsed(check_column, _SCHEMA)]
MetricName = Annotated[str, Parsed(check_metric, _SCHEMA)]
