"""Somebody else's log: its address and what stands where in it."""

from pydantic import Field, PrivateAttr, field_validator, model_validator

from monitor.config.ground_truth import GroundTruthConfig
from monitor.config.mask import mask
from monitor.config.name import Column
from monitor.config.predictions import PredictionsConfig, named_for_roles
from monitor.config.pushed import Pushed
from monitor.config.section import Section
from monitor.config.url import SourceUrl
from monitor.config.wrong import Wrong
from monitor.config.zone import Zone

OPERATION_ROLES = ("latency_ms", "status")


class CsvConfig(Section):
    """How numbers and fields are written in CSV files."""

    delimiter: str = ","
    decimal: str = "."

    @field_validator("delimiter", "decimal")
    @classmethod
    def _one_character(cls, text: str) -> str:
        if len(text) != 1 or text in "\r\n\"'":
            raise Wrong("is not a single character", 'write one such as "," or ";" or "\\t"')
        return text

    @model_validator(mode="after")
    def _differ(self) -> "CsvConfig":
        if self.delimiter == self.decimal:
            raise Wrong("is the delimiter too", 'write {delimiter: ";", decimal: ","}', at=("decimal",))
        return self


class OperationsConfig(Section):
    """Columns of the predictions that tell how serving went: milliseconds and HTTP status."""

    latency_ms: Column | None = None
    status: Column | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: object) -> object:
        return named_for_roles(data, OPERATION_ROLES)


class SourceConfig(Section):
    """A log of predictions, its ground truth and its operations.

    ``timezone`` is that of naive times in it. ``ground_truth`` None means none, or
    ``predictions.target``.
    """

    url: SourceUrl = Field(repr=False)
    timezone: Zone | None = None
    csv: CsvConfig = Field(default_factory=CsvConfig)
    predictions: PredictionsConfig
    ground_truth: GroundTruthConfig | None = None
    operations: OperationsConfig | None = None

    _pushed: Pushed | None = PrivateAttr(default=None)

    @property
    def pushed(self) -> Pushed | None:
        """Where ``ingest://`` is for this model; None outside a whole configuration."""
        return self._pushed

    def keep_pushed(self, place: Pushed) -> None:
        """Note where ``ingest://`` is; it is no key of the file, and no part of what tells configurations apart."""
        self._pushed = place

    @model_validator(mode="before")
    @classmethod
    def _join_columns(cls, data: object) -> object:
        """Give roles of the ground truth that have no value the columns of the predictions."""
        if not isinstance(data, dict) or not isinstance(truth := data.get("ground_truth"), dict):
            return data
        predictions = data.get("predictions")
        columns = predictions if isinstance(predictions, dict) else {}
        joined = {key: columns.get(key) for key in ("id", "query", "item") if key in truth and truth[key] is None}
        return {**data, "ground_truth": {**truth, **joined}}

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Show the URL with its password masked."""
        return [("url", mask(self.url)), *super().__repr_args__()]
