"""How it looks: colours of both schemes, distances, and the template of every chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import plotly.graph_objects as go

Scheme = Literal["light", "dark"]

GRID = 8  # pixels: every distance is a multiple or the half of it
SANS = "'Inter', system-ui, sans-serif"
MONO = "'JetBrains Mono', ui-monospace, monospace"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme; ``assets/look.css`` has the same under the same names."""

    ground: str
    surface: str
    line: str
    text: str
    muted: str
    accent: str
    reference: str
    ok: str
    learning: str
    unknown: str
    warning: str
    critical: str


LIGHT = Palette(
    ground="#f8f9fa", surface="#ffffff", line="#e4e7ec", text="#171a21", muted="#596274", accent="#4f46e5",
    reference="#c3c9d4", ok="#0b7a6f", learning="#46607e", unknown="#626b7b", warning="#96590a", critical="#c0281c",
)  # fmt: skip
DARK = Palette(
    ground="#0c0e12", surface="#14171c", line="#262b33", text="#e7eaf0", muted="#9ba4b4", accent="#8f93ff",
    reference="#48505e", ok="#3fcfbd", learning="#94acca", unknown="#9ba4b4", warning="#f0b450", critical="#ff8078",
)  # fmt: skip

GROUPS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""The colours of groups, after Okabe and Ito: told apart by every kind of eye. More lines want small multiples."""

MANTINE: dict[str, Any] = {
    "primaryColor": "indigo",
    "defaultRadius": 8,
    "fontFamily": SANS,
    "fontFamilyMonospace": MONO,
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px", "lg": "16px", "xl": "20px"},
    "headings": {"fontFamily": SANS, "fontWeight": "600"},
    "cursorType": "pointer",
}


def palette(scheme: str | None) -> Palette:
    """Return the colours of a scheme, those of the light one unless it is ``dark``.

    Examples
    --------
    >>> palette("dark").text, palette(None).text
    ('#e7eaf0', '#171a21')
    """
    return DARK if scheme == "dark" else LIGHT


def template(scheme: str | None) -> go.layout.Template:
    """Return the template of every chart: transparent, faint horizontal lines only, no legend, no title.

    Examples
    --------
    >>> template("light").layout.paper_bgcolor
    'rgba(0,0,0,0)'
    """
    import plotly.graph_objects as go  # noqa: PLC0415 - heavy; the overview needs none of it

    colour = palette(scheme)
    axis = {
        "linecolor": colour.line, "tickcolor": colour.line, "zeroline": False, "automargin": True,
        "tickfont": {"color": colour.muted, "size": 11}, "title": {"font": {"color": colour.muted, "size": 12}},
    }  # fmt: skip
    return go.layout.Template(
        layout={
            "font": {"family": SANS, "size": 12, "color": colour.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [colour.accent, *GROUPS],
            "margin": {"l": 48, "r": 64, "t": GRID, "b": 32},
            "showlegend": False,
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": colour.surface, "bordercolor": colour.line,
                "font": {"family": SANS, "size": 12, "color": colour.text},
            },
            "xaxis": axis | {"showgrid": False, "ticks": "outside", "ticklen": 4},
            "yaxis": axis | {"showgrid": True, "gridcolor": colour.line, "gridwidth": 1, "nticks": 5},
        }
    )  # fmt: skip
