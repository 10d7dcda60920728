"""The only room that reads other people's logs: every kind gives Arrow batches in canonical roles.

Imports ``monitor.profile.digest``, ``monitor.domain``, ``monitor.config`` and ``monitor.errors``. A kind
of log is one file here that declares ``SCHEMES`` and ``open_relation``; only the kind
in use is imported. Logs are only ever read.
"""

from monitor.source.inspection import lost_rows
from monitor.source.opening import open_source
from monitor.source.registry import open_relation
from monitor.source.relation import Relation, Request
from monitor.source.source import Source

__all__ = ["Relation", "Request", "Source", "lost_rows", "open_relation", "open_source"]
