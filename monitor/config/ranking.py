"""How deep lists are looked at."""

from typing import Annotated

from pydantic import Field

from monitor.config.number import Whole
from monitor.config.section import Section


class RankingConfig(Section):
    """The depths ``k`` at which ranking metrics are measured."""

    k: Annotated[tuple[Annotated[Whole, Field(ge=1, le=10000)], ...], Field(min_length=1, max_length=20)] = (10,)
