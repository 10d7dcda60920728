"""The way from an address to a page, and what keeps the frame in step with the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, State, no_update

from dashboards.asking import Asked, MissingError, asked, link
from dashboards.components.control import CONTROL
from dashboards.page import Page, found
from dashboards.part import attempted
from dashboards.shell import VERSION, crumbs, rail, who
from monitor.service.view.open_count import open_count
from monitor.service.view.pulse import pulse

if TYPE_CHECKING:
    from dash import Dash

NAME = "Model Monitor"
CONTROLS = {"type": CONTROL, "name": ALL, "default": ALL}


def register(app: Dash) -> None:
    """Hang in what every page needs."""
    app.callback(
        Output("page", "children"), Output("crumbs", "children"), Output("name", "data"), Output("who", "children"),
        Input("url", "pathname"), State("url", "search"),
    )(route)  # fmt: skip
    app.callback(Output("version", "data"), Input("pulse", "n_intervals"), State("version", "data"))(beat)
    app.callback(Output("rail", "children"), Input("url", "pathname"), VERSION)(draw_rail)
    app.callback(Output("help", "opened"), Input("help-open", "n_clicks"), prevent_initial_call=True)(bool)
    _in_the_browser(app)


def route(pathname: str | None, search: str | None) -> tuple[Any, ...]:
    """Return the page at an address, its breadcrumb, its title and who asks."""
    page = found(pathname)
    question = asked(page[1] if page else {}, search)
    made = attempted(lambda: _drawn(question, page[0] if page else None))
    words, body = made if isinstance(made, tuple) else ([("Overview", link()), ("Not here", None)], made)
    return body, crumbs(words), f"{words[-1][0]} · {NAME}", who(question.principal)


def _drawn(question: Asked, page: Page | None) -> tuple[list[tuple[str, str | None]], Any]:
    """Return the breadcrumb of a page and what stands on it."""
    if page is None:
        raise MissingError("There is no such page.", "the menu on the left leads to every page")
    question.demand("read")
    return page.title(question), page.layout(question)


def beat(_intervals: int | None, known: str | None) -> Any:
    """Return the version of the store when it is another one."""
    question = asked()
    if not question.principal.may("read"):
        return no_update
    version = pulse(question.store, question.now)
    return no_update if version == known else version


def draw_rail(pathname: str | None, _version: str | None) -> Any:
    """Return the links of the rail, with the number of open incidents that whoever asks may see."""
    question = asked()
    page = found(pathname)
    number = open_count(question.store, question.visible()) if question.principal.may("read") else 0
    return rail(_place(page[0].PATH) if page else "", number)


def _place(path: str) -> str:
    first = path.strip("/").split("/")[0]
    return first if first in ("incidents", "explore") else "overview"


def _in_the_browser(app: Dash) -> None:
    browser: Any = app.clientside_callback
    browser(
        ClientsideFunction("frame", "keep"),
        Output(CONTROLS, "value"), Output("url", "search"),
        Input(CONTROLS, "value"), Input("url", "search"), State(CONTROLS, "id"),
        prevent_initial_call=True,
    )  # fmt: skip
    browser(ClientsideFunction("frame", "name"), Output("kept", "data"), Input("name", "data"))
    browser(
        ClientsideFunction("frame", "scheme"),
        Output("scheme-now", "data"), Input("name", "data"),
    )  # fmt: skip
    browser(
        ClientsideFunction("frame", "fold"), Output("fold", "title"), Input("fold", "n_clicks"),
        prevent_initial_call=True,
    )  # fmt: skip
