"""JSON text as it leaves: no NaN, no infinity, and nothing that a page or a log could take for its own."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.responses import JSONResponse

_DANGEROUS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def json_text(content: Any) -> bytes:
    r"""Return a document as JSON in ASCII; NaN and infinity are null, and no tag can end a script around it.

    Examples
    --------
    >>> json_text({"name": "</script>\x00", "value": float("nan")})
    b'{"name":"\\u003c/script\\u003e\\u0000","value":null}'
    """
    text = json.dumps(finite(content), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_DANGEROUS).encode("ascii")


def finite(content: Any) -> Any:
    """Return content with null in place of every number that JSON has no word for."""
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, dict):
        return {str(name): finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [finite(value) for value in content]
    return content


class Json(JSONResponse):
    """An answer in JSON."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return content if isinstance(content, bytes) else json_text(content)
