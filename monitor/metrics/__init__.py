"""Counts become numbers: every metric is one file with its formula, its words and its registration.

A metric is a pure function of counts. Being in a folder of this room, or in a file named under ``plugins:``,
registers it. Imports ``monitor.profile`` and below.
"""

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.registry import Metric, metric, registered

__all__ = ["Estimate", "Metric", "metric", "registered", "undefined"]
