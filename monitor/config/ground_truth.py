"""Where ground truth stands, and how it finds its predictions."""

from pydantic import Field, field_validator, model_validator

from monitor.config.mask import mask
from monitor.config.name import Column
from monitor.config.predictions import named_for_roles
from monitor.config.scalar import Scalar
from monitor.config.section import Section
from monitor.config.url import SourceUrl
from monitor.config.wrong import Wrong


class GroundTruthConfig(Section):
    """The log of what really happened, joined with the predictions by ``id``.

    For a ranking model it is joined by ``query`` and ``item``, columns of this log. ``url`` is given when
    it lives elsewhere than the predictions. ``time`` is when it became known; the latest counts. ``id``, ``query``
    and ``item`` without a value (``{id, target: churned}``) are the columns of the predictions.
    """

    url: SourceUrl | None = Field(default=None, repr=False)
    table: Column | None = None
    query: str | None = None
    where: dict[str, Scalar] = Field(default_factory=dict)
    id: Column | None = None
    time: Column | None = None
    target: Column
    item: Column | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: object) -> object:
        return named_for_roles(data, GROUND_TRUTH_ROLES)

    @field_validator("query")
    @classmethod
    def _not_empty(cls, query: str | None) -> str | None:
        if query is not None and not query.strip():
            raise Wrong("is an empty text", "write a SQL query, or table: in its place")
        return query

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Show the URL with its password masked."""
        shown = [] if self.url is None else [("url", mask(self.url))]
        return [*shown, *super().__repr_args__()]


GROUND_TRUTH_ROLES = ("id", "time", "target", "query", "item")
