"""What serving code calls: predictions and ground truth go to the monitor from the background.

Imports nothing but the standard library and itself, so that a serving process loads in no time; nothing else of
``monitor`` imports it.

Examples
--------
>>> from monitor.client import Client
>>> client = Client("http://127.0.0.1:9", "mm_key", "churn", interval=0.05)
>>> client.log(id="p-1", features={"amount": 12.5}, prediction=1, score=0.81)
True
>>> client.close(timeout=0)
False
"""

from monitor.client.async_client import AsyncClient
from monitor.client.client import Client
from monitor.client.stats import Stats

__all__ = ["AsyncClient", "Client", "Stats"]
