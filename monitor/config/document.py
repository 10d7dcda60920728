"""monitor.yaml as plain values that remember their lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from monitor.config.environment import expand
from monitor.config.place import Path, field_text, quoted
from monitor.config.wrong import Wrong
from monitor.config.yaml_nodes import TAG, BadYamlError, compose
from monitor.errors import Fault

_MOST = 500_000
_DEEPEST = 64
_TEXT = 100  # so many characters that a variable was put into count as a value: each alias has its own


@dataclass
class Document:
    """What a file says: ``data`` with variables expanded, and for every path its line and written text.

    ``faults`` are those of the text itself: duplicate keys, unset variables, tags.
    """

    file: str
    env: Mapping[str, str]
    data: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    faults: dict[Path, Fault] = field(default_factory=dict)
    seen: int = 0

    def fault(self, path: Path, problem: str, hint: str, line: int | None = None) -> None:
        """Note a fault; the first of a path stays. No hint may be drawn from what a variable holds."""
        if "${" in self.written.get(path, "") and "did you mean" in hint:
            hint = "look at what the variable holds"
        self.faults.setdefault(path, Fault(self.file, line or self.line(path), field_text(path), problem, hint))

    def line(self, path: Path) -> int | None:
        """Return the line of a path, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def value(self, path: Path) -> object:
        """Return what stands at a path; None when nothing does."""
        here: Any = self.data
        for part in path:
            if isinstance(here, str):
                return None
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError):
                return None
        return here


def read(text: str, file: str, env: Mapping[str, str]) -> Document:
    """Return a YAML text as a document.

    Raises
    ------
    Wrong
        The text is no YAML, or its aliases unfold without end.
    """
    document = Document(file, env)
    root = compose(text)
    if root is not None:
        document.lines[()] = root.start_mark.line + 1
        document.data = _value(document, root, ())
    if isinstance(document.data, dict):
        document.data = {k: v for k, v in document.data.items() if not k.startswith("x-")}
    return document


def _value(document: Document, node: yaml.Node, path: Path) -> object:
    document.seen += 1
    _bounded(document, node)
    if len(path) > _DEEPEST:
        raise BadYamlError(_line(node), f"is nested deeper than {_DEEPEST} levels, or holds itself", "flatten it")
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode) and node.tag == TAG + "map":
        return _mapping(document, node, path)
    if isinstance(node, yaml.SequenceNode) and node.tag == TAG + "seq":
        return [_value(document, item, (*path, index)) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(document, node, path)
    document.fault(path, f"has the tag {_tag(node)}, which is not read", "remove the tag")
    return None


def _mapping(document: Document, node: yaml.MappingNode, path: Path) -> dict[str, object]:
    values: dict[str, object] = {}
    own: dict[str, int] = {}
    for key, item in _pairs(document, node, path):
        if not isinstance(key, yaml.ScalarNode):
            document.fault(path, "has a key that is a list or a mapping", "write a text as key", _line(key))
            continue
        name, line = key.value, _line(key)
        if name in own and (key, item) in node.value:
            hint = f"it stands on line {own[name]} already: keep one of the two"
            document.fault((*path, name), "is given twice", hint, line)
            continue
        document.lines[*path, name] = own[name] = line
        values[name] = _value(document, item, (*path, name))
    return values


def _pairs(document: Document, node: yaml.MappingNode, path: Path) -> list[tuple[yaml.Node, yaml.Node]]:
    document.seen += 1
    _bounded(document, node)
    own = [pair for pair in node.value if pair[0].tag != TAG + "merge"]
    taken = {key.value for key, _ in own if isinstance(key, yaml.ScalarNode)}
    merged = []
    for key, item in node.value:
        if key.tag != TAG + "merge":
            continue
        blocks = item.value if isinstance(item, yaml.SequenceNode) else [item]
        for block in blocks:
            if not isinstance(block, yaml.MappingNode) or block is node:
                document.fault((*path, "<<"), "does not name a mapping", "write <<: *anchor", _line(key))
                continue
            for pair in _pairs(document, block, path):
                if isinstance(pair[0], yaml.ScalarNode) and pair[0].value not in taken:
                    taken.add(pair[0].value)
                    merged.append(pair)
    return merged + own


def _scalar(document: Document, node: yaml.ScalarNode, path: Path) -> object:
    document.written[path] = node.value
    kind = node.tag.removeprefix(TAG)
    if kind in ("str", "merge"):
        try:
            found = expand(node.value, document.env)
        except Wrong as wrong:
            document.fault(path, wrong.problem, wrong.hint)
            return node.value
        document.seen += len(found) // _TEXT if found is not node.value else 0
        _bounded(document, node)
        return found
    try:
        return _SCALARS[kind](node.value)
    except KeyError:
        document.fault(path, f"has the tag {_tag(node)}, which is not read", "remove the tag")
    except ValueError:
        document.fault(path, f"is not a value of the tag !!{kind}", "remove the tag")
    return node.value


def _bounded(document: Document, node: yaml.Node) -> None:
    if document.seen > _MOST:
        problem = f"holds more than {_MOST} values, its aliases unfolded"
        raise BadYamlError(_line(node), problem, "write the repeated parts out")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _tag(node: yaml.Node) -> str:
    return quoted(node.tag.replace(TAG, "!!"))


def _bool(text: str) -> bool:
    truth = {"true": True, "false": False}.get(text.lower())
    if truth is None:
        raise ValueError(text)
    return truth


def _float(text: str) -> float:
    plain = text.lower().replace(".inf", "inf").replace(".nan", "nan")
    return float(plain)


_SCALARS = {"bool": _bool, "null": lambda _: None, "int": lambda text: int(text, 0), "float": _float}
