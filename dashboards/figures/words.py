"""Words in charts: plotly draws a subset of HTML, so what comes from data is made harmless first."""

from __future__ import annotations

from html import escape

from dashboards.components.number import digits, percent

LONGEST = 28


def plain(text: str, longest: int = LONGEST) -> str:
    r"""Return a text that plotly draws as it stands, cut where it is long.

    Examples
    --------
    >>> plain("<b>a&b</b>"), plain("x" * 40, 8), plain("two\nlines")
    ('&lt;b&gt;a&amp;b&lt;/b&gt;', 'xxxxxxx…', 'two lines')
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return escape(line if len(line) <= longest else f"{line[: longest - 1]}…", quote=False)


def said(value: float | None, unit: str = "") -> str:
    """Return a value as charts say it: a share of what may be 100 % stays a number, as its axis does.

    Examples
    --------
    >>> said(0.8713), said(250.0, "ms"), said(0.25, "percent")
    ('0.871', '250 ms', '25 %')
    """
    if unit == "percent":
        return percent(value)
    return digits(value) + (f" {unit}" if unit == "ms" and value is not None else "")
