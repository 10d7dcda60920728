"""What a fork server loads once, so that no compute child has to: metrics, and what libraries load by themselves."""

from __future__ import annotations

import pandas  # noqa: ICN001 - Arrow asks for it with its first array; loading it takes a second
import scipy.special

from monitor.metrics import registered
from monitor.source import postgres, sqlite

ALL = (pandas, scipy.special, postgres, sqlite, registered())
