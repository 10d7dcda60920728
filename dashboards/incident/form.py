"""The form behind the actions: a reason, a length of time, one button."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboards.asking import asked
from dashboards.components.aria import aria
from dashboards.incident.acting import Wish, act
from dashboards.incident.head import ACTIONS
from dashboards.page import matched
from dashboards.shell import PATHNAME
from monitor.alerts.acknowledge import StaleVersionError
from monitor.errors import MonitorError

LENGTHS = [
    {"value": "1h", "label": "1 hour"},
    {"value": "4h", "label": "4 hours"},
    {"value": "24h", "label": "24 hours"},
    {"value": "3d", "label": "3 days"},
    {"value": "7d", "label": "7 days"},
]
TITLES = {
    "acknowledge": "Look after it",
    "unacknowledge": "Give it back",
    "silence": "Silence the model",
    "resolve": "Resolve it",
}
MEANING = {
    "acknowledge": "Nobody is told again until the time is over, or until it gets graver.",
    "unacknowledge": "Repeats and escalation begin anew.",
    "silence": "Nothing of this model is told to anybody for so long. It is still measured and judged.",
    "resolve": "The next window beyond a limit opens the same incident again.",
}
WORDS = {name: words for name, words, _ in ACTIONS}


def form() -> Any:
    """Return the form, closed."""
    return [
        dcc.Store(id="wish", data=""),
        dcc.Store(id="wish-version"),
        dcc.Store(id="wish-words", data={name: _words(name) for name in TITLES}),
        dmc.Modal(
            html.Div(
                [
                    html.P(id="wish-meaning", className="muted"),
                    dmc.Textarea(
                        id="wish-reason",
                        label="Reason",
                        autosize=True,
                        minRows=2,
                        placeholder="For those who come after you",
                        value="",
                    ),
                    html.Div(
                        dmc.Select(id="wish-length", label="For", data=LENGTHS, value="24h", allowDeselect=False),
                        id="wish-time",
                    ),
                    html.Div(id="wish-refused", **aria(live="polite")),
                    html.Div(
                        html.Button("Do it", id="wish-do", className="button first", n_clicks=0), className="form-end"
                    ),
                ],
                className="form",
            ),
            id="wish-form",
            title="",
            centered=True,
            size="md",
            closeButtonProps={"aria-label": "Close"},
        ),
    ]


def register(app: Dash, path: str) -> None:
    """Hang in what opens the form and what sends it."""
    browser: Any = app.clientside_callback
    browser(
        ClientsideFunction("frame", "wish"),
        Output("wish-form", "opened"), Output("wish-form", "title"), Output("wish-meaning", "children"),
        Output("wish-time", "hidden"), Output("wish-do", "children"), Output("wish", "data"),
        Output("wish-reason", "value"), Output("wish-refused", "children"), Output("wish-version", "data"),
        Input({"type": "act", "name": ALL}, "n_clicks"), State("wish-words", "data"), State("seen-version", "data"),
        prevent_initial_call=True,
    )  # fmt: skip

    def sent(
        clicks: int | None, action: str, reason: str | None, length: str | None, version: Any, pathname: str
    ) -> Any:
        return send(path, clicks, action, reason, length, version, pathname)

    app.callback(
        Output("wish-form", "opened", allow_duplicate=True), Output("wish-refused", "children", allow_duplicate=True),
        Output("acted", "data"), Output("wish-version", "data", allow_duplicate=True),
        Input("wish-do", "n_clicks"), State("wish", "data"), State("wish-reason", "value"),
        State("wish-length", "value"), State("wish-version", "data"), PATHNAME, prevent_initial_call=True,
    )(sent)  # fmt: skip


def send(
    path: str, clicks: int | None, action: str, reason: str | None, length: str | None, version: Any, pathname: str
) -> Any:
    """Do what the form says, once whoever asks may; say in the form why not.

    ``version`` is that of the incident when the form was opened, or when it was last refused for being old.
    """
    parts = matched(path, pathname)
    if not clicks or parts is None:
        return no_update, no_update, no_update, no_update
    wish = Wish(str(action), parts["number"], str(reason or ""), length, version if isinstance(version, int) else None)
    try:
        act(asked(parts), wish)
    except StaleVersionError as error:
        now = f"it is {error.incident.state} now, at version {error.incident.version}"
        words = f"It has changed meanwhile: {now}. Look at it again, then repeat."
        return no_update, html.P(words, className="refusal"), clicks, error.incident.version
    except MonitorError as error:
        said = html.P(f"{error.message} {error.hint or ''}".strip(), className="refusal")
        return no_update, said, no_update, no_update
    return False, None, clicks, no_update


def _words(name: str) -> dict[str, Any]:
    timeless = name in ("unacknowledge", "resolve")
    return {"title": TITLES[name], "meaning": MEANING[name], "timeless": timeless, "button": WORDS[name]}
