"""A Django view whose predictions are monitored: the client is made once, beside the view.

urls.py:  path("decide", decide).  settings.py:  MONITOR_URL, MONITOR_KEY.
"""

import json
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from monitor.client import Client

monitor = Client(settings.MONITOR_URL, settings.MONITOR_KEY, "credit", version="v7")


@require_POST
def decide(request: HttpRequest) -> JsonResponse:
    """Decide, and log what was decided on what."""
    features = json.loads(request.body)
    probability = min(features["amount"] / 1_000, 1.0)
    decision, number = int(probability > 0.5), uuid4().hex
    monitor.log(id=number, features=features, prediction=decision, score=probability)
    return JsonResponse({"id": number, "decision": decision})
