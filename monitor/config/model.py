"""One monitored model: everything that monitor.yaml says of it."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from monitor.config.budget import Budget, BudgetField
from monitor.config.duration import Duration, PositiveDuration
from monitor.config.evidently import EvidentlyConfig
from monitor.config.fairness import FairnessConfig
from monitor.config.features import FeaturesConfig
from monitor.config.instant import Instant, place
from monitor.config.name import Column, MetricName, Name, check_column
from monitor.config.number import Number, Whole
from monitor.config.parsed import Parsed
from monitor.config.period import PeriodConfig
from monitor.config.ranking import RankingConfig
from monitor.config.reference import ReferenceConfig
from monitor.config.rule import RuleConfig
from monitor.config.scalar import Label, Scalar
from monitor.config.section import Section
from monitor.config.source import SourceConfig
from monitor.config.window_spec import Span, WindowField, WindowSpec
from monitor.config.wrong import Wrong
from monitor.config.zone import Zone

Task = Literal["binary", "multiclass", "regression", "ranking"]
_DAY = Span(1, "d")


def check_group(value: object) -> tuple[str, ...]:
    """Return the attributes of one group: a column, or several that are crossed.

    Examples
    --------
    >>> check_group("origin"), check_group(["origin", "carrier"])
    (('origin',), ('origin', 'carrier'))
    """
    if not isinstance(value, list | tuple):
        return (check_column(value),)
    names = tuple(check_column(name) for name in value)
    if not names or len(set(names)) < len(names):
        raise Wrong("names no column, or one twice", "write origin or [origin, carrier]")
    return names


_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
Group = Annotated[
    tuple[str, ...],
    Parsed(check_group, {"anyOf": [{"type": "string", "minLength": 1}, _NAMES]}),
]


def _rule_or_default(value: object) -> str:
    return "‹default›" if isinstance(value, str) else "‹rule›"


RuleEntry = Annotated[
    Annotated[RuleConfig, Tag("‹rule›")] | Annotated[Literal["default"], Tag("‹default›")],
    Discriminator(_rule_or_default),
]


class RepeatConfig(Section):
    """How long an incident nobody acknowledged stays quiet, by severity."""

    critical: PositiveDuration = timedelta(hours=4)
    warning: PositiveDuration = timedelta(hours=24)


class ModelConfig(Section):
    """A model's name and task, its log, and how it is cut, compared and judged.

    Instants are aware and in UTC once loaded. ``features`` absent infers them; ``reference`` None
    means the first 14 days; ``rules`` None the default rules, and the entry ``default`` brings those back beside
    others; ``key_metric`` None the task's default. ``importance`` is relative. ``start`` moves the grid.
    ``catchup`` says what becomes of windows that workers missed within ``catchup_window``: ``all`` are computed, only
    the ``latest``, or ``none``.
    """

    name: Name
    task: Task
    positive_class: Scalar = 1
    threshold: Number = Field(default=0.5, gt=0, lt=1)
    source: SourceConfig
    features: FeaturesConfig = Field(default_factory=lambda: FeaturesConfig(infer=True))
    importance: dict[str, Annotated[Number, Field(ge=0)]] = Field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    fairness: FairnessConfig = Field(default_factory=FairnessConfig)
    key_metric: MetricName | None = None
    labels: dict[str, Label] = Field(default_factory=dict)
    runbook: str | None = None
    segments: tuple[Column, ...] = ()
    ranking: RankingConfig = Field(default_factory=RankingConfig)
    window_timezone: Zone = "UTC"
    window: WindowField = WindowSpec(_DAY, _DAY)
    start: Instant | None = None
    reference: ReferenceConfig | None = None
    exclude: tuple[PeriodConfig, ...] = ()
    delay: Duration = timedelta(0)
    ground_truth_horizon: PositiveDuration = timedelta(days=30)
    catchup_window: PositiveDuration = timedelta(days=7)
    catchup: Literal["all", "latest", "none"] = "all"
    false_alarm_budget: BudgetField = Budget(1.0, timedelta(days=30))
    rules: tuple[RuleEntry, ...] | None = None
    alert_provisional: bool = False
    no_data_for: Whole = Field(default=2, ge=1, le=100)
    cooldown: Duration | None = None
    notify_max_age: PositiveDuration | None = None
    repeat_interval: RepeatConfig = Field(default_factory=RepeatConfig)
    evidently: EvidentlyConfig | None = None

    @field_validator("start")
    @classmethod
    def _place_start(cls, start: datetime | None, info: ValidationInfo) -> datetime | None:
        return start and place(start, info.data.get("window_timezone", "UTC"))

    @field_validator("reference")
    @classmethod
    def _place_reference(cls, reference: ReferenceConfig | None, info: ValidationInfo) -> ReferenceConfig | None:
        return reference and reference.placed(info.data.get("window_timezone", "UTC"))

    @field_validator("exclude")
    @classmethod
    def _place_exclude(cls, exclude: tuple[PeriodConfig, ...], info: ValidationInfo) -> tuple[PeriodConfig, ...]:
        zone = info.data.get("window_timezone", "UTC")
        placed = []
        for index, period in enumerate(exclude):
            try:
                placed.append(period.placed(zone))
            except Wrong as wrong:
                raise Wrong(wrong.problem, wrong.hint, at=(index, *wrong.at)) from None
        return tuple(placed)

    @field_validator("runbook")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[^\s/][^\s]*", url):
            raise Wrong("is not a web address", "write https://wiki.example.org/runbook")
        return url
