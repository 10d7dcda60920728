"""A wide table that sorts, filters and scrolls in itself; cells are text, whatever they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag

LOOK = """themeQuartz.withParams({
  backgroundColor: "var(--surface)", foregroundColor: "var(--text)", borderColor: "var(--line)",
  headerBackgroundColor: "var(--surface)", headerTextColor: "var(--muted)", headerFontWeight: 500, headerFontSize: 12,
  rowHoverColor: "var(--raised)", oddRowBackgroundColor: "var(--surface)", selectedRowBackgroundColor: "var(--raised)",
  accentColor: "var(--accent)", fontFamily: "inherit", fontSize: 13, rowHeight: 40, headerHeight: 36,
  wrapperBorderRadius: 8, spacing: 8, iconSize: 14, browserColorScheme: "inherit", columnBorder: false,
  headerColumnBorder: false, headerColumnResizeHandleColor: "var(--line)", menuBackgroundColor: "var(--surface)",
  inputBackgroundColor: "var(--surface)", inputBorder: "1px solid var(--line-strong)",
  tooltipBackgroundColor: "var(--surface)"
})"""


def grid(
    ident: Any,
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    height: int | None = None,
    key: str | None = None,
    **options: Any,
) -> Any:
    """Return a table.

    Parameters
    ----------
    columns : sequence of mapping
        As ag-grid has them: ``field``, ``headerName``, ``cellRenderer`` (``Link``, ``Badge``: ``assets/cells.js``).
    rows : sequence of mapping
        Plain values.
    height : int, optional
        In pixels; as high as its rows when absent.
    key : str, optional
        The field that tells rows apart, so that what is drawn anew keeps its place.
    options
        More of ag-grid's own.
    """
    style = {"width": "100%"} | ({"height": height} if height is not None else {})
    told = {
        "theme": {"function": LOOK},
        "domLayout": "normal" if height else "autoHeight",
        "animateRows": False,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "tooltipShowDelay": 400,
    }
    return dag.AgGrid(
        id=ident,
        columnDefs=[dict(column) for column in columns],
        rowData=[dict(row) for row in rows],
        defaultColDef={"sortable": True, "resizable": True, "flex": 1, "minWidth": 96},
        dashGridOptions=told | options,
        columnSize="responsiveSizeToFit",
        style=style,
        **({"getRowId": f"params.data.{key}"} if key else {}),
    )
