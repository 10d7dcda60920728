"""The whole of monitor.yaml."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, field_validator

from monitor.config.access import AccessConfig
from monitor.config.heartbeat import HeartbeatConfig
from monitor.config.mask import mask
from monitor.config.model import ModelConfig
from monitor.config.mute_time import MuteTimeConfig
from monitor.config.pushed import Pushed
from monitor.config.receiver import ReceiverConfig
from monitor.config.retention import RetentionConfig
from monitor.config.route import RouteConfig
from monitor.config.section import Section
from monitor.config.url import StoreUrl
from monitor.config.wrong import Wrong

DEFAULT_STORE = "sqlite:///monitor.db"


class Config(Section):
    """Everything the operator has set: the store, the models, and who is told.

    Relative paths are as written; they begin at `folder` (`resolve_url`, `resolve_path`).
    """

    store: StoreUrl = Field(default=DEFAULT_STORE, repr=False)
    models: Annotated[tuple[ModelConfig, ...], Field(min_length=1)]
    receivers: tuple[ReceiverConfig, ...] = ()
    routes: tuple[RouteConfig, ...] = ()
    mute_times: tuple[MuteTimeConfig, ...] = ()
    external_url: str | None = None
    plugins: tuple[str, ...] = ()
    heartbeat: HeartbeatConfig | None = None
    retention: RetentionConfig = Field(default_factory=RetentionConfig)
    access: AccessConfig = Field(default_factory=AccessConfig)

    _folder: Path = PrivateAttr(default_factory=Path)
    _file: str = PrivateAttr(default="monitor.yaml")

    def model_post_init(self, context: Any) -> None:
        """Keep where the file stands; it is no key of the file."""
        if isinstance(context, dict):
            self._file = str(context.get("file", self._file))
            self._folder = Path(context.get("folder", Path(self._file).parent))
        self.place_pushed()

    def in_store(self, url: str) -> "Config":
        """Return this configuration with another store."""
        other = self.model_copy(update={"store": url}, deep=True)
        other.place_pushed()
        return other

    def place_pushed(self) -> None:
        """Tell every log where rows are that are pushed to us: in the store, under the model's name."""
        for model in self.models:
            elsewhere = None if model.reference is None else model.reference.source
            for source in (model.source, elsewhere):
                if source is not None:
                    source.keep_pushed(Pushed(self.store, self._folder, model.name))

    @property
    def folder(self) -> Path:
        """The folder of monitor.yaml, where relative paths begin."""
        return self._folder

    @property
    def file(self) -> str:
        """The file as it was named."""
        return self._file

    def model(self, name: str) -> ModelConfig | None:
        """Return the model of that name; None when there is none."""
        return next((model for model in self.models if model.name == name), None)

    @field_validator("external_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[^\s/?#@][^\s?#]*", url):
            raise Wrong("is not a web address", "write https://monitor.example.org")
        return url and url.rstrip("/")

    @field_validator("plugins")
    @classmethod
    def _python_files(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for index, path in enumerate(paths):
            if not path.endswith(".py") or "\0" in path:
                raise Wrong("is not a Python file", "write ./my_metrics.py", at=(index,))
        return paths

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Show the store with its password masked."""
        return [("store", mask(self.store)), *super().__repr_args__()]
