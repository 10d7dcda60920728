"""YAML text to nodes that know their lines, without the surprises of YAML 1.1."""

import re
from typing import Any, ClassVar

import yaml
from yaml.composer import Composer
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.resolver import Resolver

from monitor.config.wrong import Wrong

TAG = "tag:yaml.org,2002:"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"
_PROTECTED = re.compile(rf"\${_OPEN}(\w+){_CLOSE}")


class Whole(Composer):
    """A composer that gives variables their braces back, see `_protected`."""

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """Compose a scalar as it was written."""
        node: yaml.ScalarNode = super().compose_scalar_node(anchor)
        node.value = _PROTECTED.sub(r"${\1}", node.value)
        return node


class Plain(Whole, yaml.SafeLoader):
    """A loader for which ``no``, ``on``, ``1:30`` and ``2013-01-01`` are text.

    Only ``true`` and ``false`` are booleans, ``null``, ``~`` and nothing are null, and numbers are those of YAML 1.2
    without leading zeros. Other plain scalars are text.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}  # type: ignore[misc]


_TOKENS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,999})|0x[0-9a-fA-F]{1,64}", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
    ("merge", r"<<", "<"),
)


class Quick(Whole, CParser, Resolver):
    """The same from libyaml's events, seven times as fast; composed in Python, so that no nesting ends the process."""

    yaml_implicit_resolvers = Plain.yaml_implicit_resolvers

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        Resolver.__init__(self)


for _tag, _regexp, _first in _TOKENS:
    Plain.add_implicit_resolver(TAG + _tag, re.compile(f"(?:{_regexp})$"), list(_first))


class BadYamlError(Wrong):
    """The text is no YAML; ``line`` counts from 1."""

    def __init__(self, line: int | None, problem: str, hint: str) -> None:
        super().__init__(problem, hint, shown=False)
        self.line = line


def compose(text: str) -> yaml.Node | None:
    """Return the root node of a YAML text; None when it holds nothing.

    Raises
    ------
    BadYamlError
        The text is no YAML, is nested far too deep, or holds a second document.
    """
    text = _protected(text)
    try:
        return _quick(text)
    except yaml.YAMLError:
        return _exact(text)
    except RecursionError:
        raise BadYamlError(None, "is nested too deep", "flatten it") from None


def _protected(text: str) -> str:
    """Return a text whose ``${NAME}`` may stand unquoted within ``{ }``, where YAML would see a mapping begin."""
    if _OPEN in text or _CLOSE in text:
        return text
    return _VARIABLE.sub(rf"${_OPEN}\1{_CLOSE}", text)


def _quick(text: str) -> yaml.Node | None:
    if not yaml.__with_libyaml__:
        return _exact(text)
    node: yaml.Node | None = Quick(text).get_single_node()
    return node


def _exact(text: str) -> yaml.Node | None:
    """Compose with the parser written in Python, whose messages are the same everywhere."""
    try:
        return yaml.compose(text, Loader=Plain)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise BadYamlError(line, *_plain_words(error.problem or "", error.context or "")) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadYamlError(line, "holds a control character", "remove it, or write it escaped in quotes") from None


def _plain_words(problem: str, context: str) -> tuple[str, str]:
    for piece, words, hint in _WORDS:
        if piece in problem or piece in context:
            return words, hint
    return f"is not YAML: {problem or context}", "compare the indentation and the brackets with the line above"


_WORDS = (
    (r"'\t'", "begins with a tab or holds one where a space belongs", "indent with spaces"),
    ("mapping values are not", "holds a second colon on a line, or a wrong indentation", 'quote the text: key: "a: b"'),
    ("another document", "holds more than one YAML document", "keep one, without --- in the middle"),
    (
        "undefined alias",
        "uses an alias that no anchor defines",
        "define it with &name, or quote the text",
    ),
    ("duplicate anchor", "defines the same anchor twice", "give each anchor its own name"),
    ("unexpected end of stream", "opens a quote that is never closed", "close the quote"),
    (
        "expected ',' or '}'",
        "opens a { that is never closed, or misses a comma",
        "close it, with commas between entries",
    ),
    (
        "expected ',' or ']'",
        "opens a [ that is never closed, or misses a comma",
        "close it, with commas between entries",
    ),
    ("start any token", "begins a text with a character that YAML keeps for itself", "put the text in quotes"),
    ("could not find expected ':'", "holds a line without a colon where key: value belongs", "write key: value"),
    ("unknown escape character", "holds a backslash that is no escape", r"use single quotes, or write \\"),
    ("a block mapping", "has a line that is not indented like the keys above it", "line it up with them"),
    ("a block collection", "has a line that is not indented like those above it", "line keys and dashes up"),
)
