"""Where in the file something stands: a path of keys and positions."""

import json
import re

Path = tuple[str | int, ...]
_PLAIN = re.compile(r"[A-Za-z_][\w@-]{0,79}")


def field_text(path: Path) -> str:
    """Return a path as people write it; odd keys are quoted and cut.

    Examples
    --------
    >>> field_text(("models", 0, "source", "where", "a b"))
    'models[0].source.where["a b"]'
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{quoted(part)}]"
    return text


def quoted(text: str, longest: int = 60) -> str:
    r"""Return a text in quotes, cut, with control characters shown.

    Examples
    --------
    >>> print(quoted("a\nb\x1b"))
    "a\nb\u001b"
    """
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    safe = "".join(c if c.isprintable() or ord(c) < 128 else f"\\u{ord(c):04x}" for c in short)
    return json.dumps(safe, ensure_ascii=False).replace("\x7f", "\\u007f").replace("\\\\u", "\\u")
