"""The application's description for programs, as it stands in ``docs/openapi.json``.

``python -m monitor.api.description`` prints it.
"""

from __future__ import annotations

import json
import sys

from monitor.api.app import application


def text() -> str:
    """Return the OpenAPI document of this version as it is kept among the pages."""
    return json.dumps(application().openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
