"""Where the predictions stand, and which column plays which role."""

import re
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from monitor.config.name import Column, check_column
from monitor.config.parsed import Parsed
from monitor.config.scalar import Scalar
from monitor.config.section import Section
from monitor.config.wrong import Wrong

_SQL = re.compile(r"(\s|\(|--[^\n]*\n|/\*.*?\*/)*(select|with|values|table|from)\b", re.IGNORECASE | re.DOTALL)


def is_sql(text: str) -> bool:
    r"""Tell whether a text reads as a SQL query rather than as a column's name.

    Examples
    --------
    >>> is_sql("-- all\nSELECT * FROM t"), is_sql("request_id")
    (True, False)
    """
    return _SQL.match(text) is not None and len(text.split()) > 1


def check_score(value: object) -> str | dict[str, str]:
    """Return the score's column, or a column for each class.

    Raises
    ------
    Wrong
        It is neither a name nor a mapping from classes to names.
    """
    if not isinstance(value, dict):
        return check_column(value)
    if not value:
        raise Wrong("is an empty mapping", "write {class: column} for every class")
    score = {}
    for key, column in value.items():
        try:
            score[str(key)] = check_column(column)
        except Wrong as wrong:
            raise Wrong(wrong.problem, wrong.hint, at=(key,)) from None
    return score


_SCORE_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
    ]
}

Score = Annotated[str | dict[str, str], Parsed(check_score, _SCORE_SCHEMA)]


def named_for_roles(data: object, roles: tuple[str, ...]) -> object:
    """Return the block with roles that have no value mapped to the column of their own name.

    So ``{id, time}`` means ``{id: id, time: time}``.
    """
    if not isinstance(data, dict):
        return data
    return {k: k if v is None and k in roles else v for k, v in data.items()}


class PredictionsConfig(Section):
    """The log of predictions: its table or query, and the columns by role.

    ``query`` is SQL text in place of ``table``; for a ranking model it is the column of the request.
    A role without a value (``{id, time}``) is the column of the same name. ``id`` may be left out for
    a ranking model only, whose rows ``query`` and ``item`` identify.
    """

    table: Column | None = None
    query: str | None = None
    where: dict[str, Scalar] = Field(default_factory=dict)
    id: Column | None = None
    time: Column
    version: Column | None = None
    prediction: Column | None = None
    score: Score | None = None
    target: Column | None = None
    item: Column | None = None
    rank: Column | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: object) -> object:
        return named_for_roles(data, PREDICTION_ROLES)

    @field_validator("query")
    @classmethod
    def _not_empty(cls, query: str | None) -> str | None:
        if query is not None and not query.strip():
            raise Wrong("is an empty text", "write a SQL query, or table: in its place")
        return query


PREDICTION_ROLES = (
    "id", "time", "version", "prediction", "score", "target", "query", "item", "rank",
)  # fmt: skip
