"""``${NAME}`` in monitor.yaml."""

import re
from collections.abc import Mapping

from monitor.config.wrong import Wrong

_REFERENCE = re.compile(r"(\$?)\$\{([^{}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def expand(text: str, env: Mapping[str, str]) -> str:
    """Return the text with every ``${NAME}`` replaced by that variable; ``$${`` stays ``${``.

    What a variable holds is not expanded again.

    Raises
    ------
    Wrong
        A variable is not set, or the braces hold no name. Values are never shown.

    Examples
    --------
    >>> expand("postgresql://u:${PW}@h/$${x}", {"PW": "${no}"})
    'postgresql://u:${no}@h/${x}'
    """
    if "${" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        escape, name, closed = match.groups()
        if escape:
            return match[0][1:]
        if not closed or not _NAME.fullmatch(name):
            raise Wrong("holds ${ without a variable's name and }", "write ${NAME}, or $${ for a plain ${", shown=False)
        if name not in env:
            problem = f"needs the environment variable {name}, which is not set"
            raise Wrong(problem, f"set it (export {name}=…), or write $${{{name}}} for the text itself", shown=False)
        return env[name]

    return _REFERENCE.sub(value, text)
