"""Who asks: one layer around the whole application, in front of API, dashboard, pages, files and websockets.

`guarded` finds out who it is by key or session, answers those who may not come in, and serves the login pages.
"""

from monitor.api.access.guard import guarded
from monitor.api.access.settings import Settings
from monitor.api.access.startup import demand

__all__ = ["Settings", "demand", "guarded"]
