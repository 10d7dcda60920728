"""Where the rows are that are pushed to us: in the store, under the name of the model."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Pushed:
    """The store that keeps a model's pushed rows: its URL, what relative paths begin at, and the model's name."""

    store: str = field(repr=False)
    folder: Path
    model: str
