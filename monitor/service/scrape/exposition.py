"""The text format of Prometheus, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from monitor.service.scrape.counters import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(samples: Iterable[Sample]) -> str:
    r"""Return samples, those of one name side by side, as text that Prometheus reads.

    Examples
    --------
    >>> print(exposition([Sample("model_monitor_rows", {"model": 'say "hi"'}, 3.0, "Rows.")]), end="")
    # HELP model_monitor_rows Rows.
    # TYPE model_monitor_rows gauge
    model_monitor_rows{model="say \"hi\""} 3
    """
    return "".join(f"{line}\n" for line in _lines(samples))


def _lines(samples: Iterable[Sample]) -> Iterator[str]:
    before = None
    for sample in samples:
        family = sample.family or sample.name
        if family != before:
            told = sample.help.replace("\\", "\\\\").replace("\n", "\\n")
            yield f"# HELP {family} {told}"
            yield f"# TYPE {family} {sample.type}"
            before = family
        yield f"{sample.name}{_labels(sample.labels)} {_number(sample.value)}"


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    """Escape what the format demands; lone surrogates, which UTF-8 cannot carry, are replaced."""
    text = value.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
