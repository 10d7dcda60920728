"""A Flask service whose predictions are monitored; works under gunicorn too, with --preload or without.

Run it:  MONITOR_URL=https://monitor.example.org MONITOR_KEY=mm_… gunicorn flask_app:app
"""

import os
from uuid import uuid4

from flask import Flask, request

from monitor.client import Client

app = Flask(__name__)
# Workers that gunicorn forks from this process get a queue and a thread of their own.
monitor = Client(os.environ["MONITOR_URL"], os.environ.get("MONITOR_KEY"), "credit", version="v7")


@app.post("/decide")
def decide() -> dict[str, object]:
    """Decide, and log what was decided on what."""
    features = request.get_json()
    probability = min(features["amount"] / 1_000, 1.0)
    decision, number = int(probability > 0.5), uuid4().hex
    monitor.log(id=number, features=features, prediction=decision, score=probability)
    return {"id": number, "decision": decision}
