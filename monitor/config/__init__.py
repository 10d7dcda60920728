"""monitor.yaml as frozen objects whose attributes are its keys; imports only ``monitor.errors``."""

from monitor.config.access import AccessConfig, GrantConfig, OidcConfig
from monitor.config.budget import Budget
from monitor.config.canonical import canonical
from monitor.config.configuration import DEFAULT_STORE, Config
from monitor.config.evidently import EvidentlyConfig, EvidentlyMetric
from monitor.config.fairness import FairnessConfig
from monitor.config.features import FeaturesConfig
from monitor.config.ground_truth import GroundTruthConfig
from monitor.config.heartbeat import HeartbeatConfig
from monitor.config.load import load, load_text
from monitor.config.mask import mask
from monitor.config.model import ModelConfig, Task
from monitor.config.mute_time import Hours, MuteTimeConfig
from monitor.config.period import PeriodConfig
from monitor.config.predictions import PredictionsConfig
from monitor.config.ranking import RankingConfig
from monitor.config.receiver import ReceiverConfig
from monitor.config.reference import ReferenceConfig
from monitor.config.retention import RetentionConfig
from monitor.config.route import EscalationConfig, RouteConfig
from monitor.config.rule import Change, Persistence, RuleConfig
from monitor.config.schema import json_schema
from monitor.config.source import CsvConfig, OperationsConfig, SourceConfig
from monitor.config.url import kind, resolve_path, resolve_url, scheme
from monitor.config.window_spec import Span, WindowSpec

__all__ = [
    "DEFAULT_STORE",
    "AccessConfig",
    "Budget",
    "Change",
    "Config",
    "CsvConfig",
    "EscalationConfig",
    "EvidentlyConfig",
    "EvidentlyMetric",
    "FairnessConfig",
    "FeaturesConfig",
    "GrantConfig",
    "GroundTruthConfig",
    "HeartbeatConfig",
    "Hours",
    "ModelConfig",
    "MuteTimeConfig",
    "OidcConfig",
    "OperationsConfig",
    "PeriodConfig",
    "Persistence",
    "PredictionsConfig",
    "RankingConfig",
    "ReceiverConfig",
    "ReferenceConfig",
    "RetentionConfig",
    "RouteConfig",
    "RuleConfig",
    "SourceConfig",
    "Span",
    "Task",
    "WindowSpec",
    "canonical",
    "json_schema",
    "kind",
    "load",
    "load_text",
    "mask",
    "resolve_path",
    "resolve_url",
    "scheme",
]
