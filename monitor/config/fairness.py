"""How groups are compared."""

from pydantic import Field

from monitor.config.number import Whole
from monitor.config.scalar import Scalar
from monitor.config.section import Section


class FairnessConfig(Section):
    """Groups under ``min_group_size`` rows stay out of disparities; ``reference_group`` by attribute.

    Values of groups are compared as text: ``1``, ``true``.
    """

    min_group_size: Whole = Field(default=30, ge=1)
    reference_group: dict[str, Scalar] = Field(default_factory=dict)
