"""The bytes of monitor.yaml."""

from pathlib import Path

from monitor.config.wrong import Wrong
from monitor.config.yaml_nodes import BadYamlError

LARGEST = 5_000_000


def read_bytes(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    Wrong
        It is not there, not a file, not readable, or larger than 5 MB.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        hint = "name it with -c FILE, or write one: monitor init URL --table T"
        raise Wrong("is not there", hint) from None
    except IsADirectoryError:
        raise Wrong("is a folder", "name the file in it: -c folder/monitor.yaml") from None
    except PermissionError:
        raise Wrong("may not be read by this user", "give this user the right to read it") from None
    except (OSError, ValueError):
        raise Wrong("cannot be read", "name a plain file with -c FILE") from None
    if len(content) > LARGEST:
        raise Wrong("is larger than 5 MB", "is this the right file? split it by models")
    return content


def decode(content: bytes) -> str:
    """Return the text of UTF-8 bytes, without a byte order mark.

    Raises
    ------
    BadYamlError
        The bytes are not UTF-8, or hold a NUL; names the line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadYamlError(line, "is not UTF-8", "save it as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadYamlError(line, "holds a NUL byte", "save it as UTF-8 text")
    return text
