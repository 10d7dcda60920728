"""The heading of a model's page: the verdict in one sentence, what was found, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboards.asking import link
from dashboards.components.aria import aria
from dashboards.components.instant import instant, length
from dashboards.components.metric_name import label, metric_name, unit
from dashboards.components.number import change, count, digits, percent, plural
from dashboards.components.sparkline import sparkline
from dashboards.components.state import badge
from dashboards.subject import Subject
from monitor.metrics import registered
from monitor.service.oncall.incidents import listed
from monitor.service.view.standing import Key, Standing, standings
from monitor.service.view.trend import trends

WORDS = {
    "overdue": "a window is overdue",
    "no_rows": "no rows arrive",
    "too_few_rows": "too few rows arrive",
    "labels_overdue": "ground truth is overdue",
    "source_error": "its log cannot be read",
    "schema_changed": "its log has other columns",
    "quality": "the quality of its data fell",
}
MOST_NAMES = 3
SAME = 0.001  # of what runs from 0 to 1: nobody would call that a change


def heading(subject: Subject) -> Any:
    """Return the heading."""
    one = next(iter(standings(subject.asked.backend, [subject.model.name])), None)
    if one is None:
        return html.Div()
    title = html.Div([html.H1(subject.model.name), _badge(one), _acts(subject, one)], className="model-title")
    return html.Div([title, html.P(sentence(subject, one), className="verdict-line"), _keys(subject, one)],
                    className="model-top")  # fmt: skip


def sentence(subject: Subject, one: Standing) -> list[Any]:
    """Return the verdict in one plain sentence, its instants in the viewer's zone."""
    if one.state == "new":
        return ["Waiting for its first window."]
    if one.state == "learning":
        return ["Learning what is normal: its reference is not complete yet, nothing is judged until then."]
    found = _found(one)
    lead: list[Any] = []
    if one.verdict == "drift" and one.since is not None:
        lead = ["Drifting since ", instant(one.since), ": "]
    elif one.verdict == "unknown":
        lead = ["Unknown: ", *_unknown(subject, one)]
        found = ["; last seen: " + "; ".join(found[:2])] if found else []
    elif one.verdict == "ok":
        tested = plural(one.features.tested, "column") if one.features.tested else ""
        lead = ["In order: ", f"{tested} as in the reference" if tested else "nothing moved"]
        found = [f", {words}" for words in [_performance(one)] if words]
    return [*lead, "; ".join(found) if one.verdict == "drift" else "".join(found[:2]), "."]


def _found(one: Standing) -> list[str]:
    names = list(dict.fromkeys(found.name for found in one.features.top if found.name))
    more = one.features.beyond - len(names[:MOST_NAMES])
    said = []
    if names:
        verb = "have moved" if one.features.beyond > 1 else "has moved"
        said.append(f"{_listed(names[:MOST_NAMES], more)} {verb}")
    groups = list(dict.fromkeys(found.name for found in one.fairness.top if found.name))
    said += [f"groups of {_listed(groups, 0)} fare differently"] if groups else []
    words = _performance(one)
    said += [words] if words else []
    return said + [WORDS.get(problem, problem.replace("_", " ")) for problem in one.problems]


def _performance(one: Standing) -> str:
    key, moved = one.performance, _moved(one.performance)
    if key is None or moved is None:
        return ""
    name = label(key.measurement.metric)
    known = registered().get(key.measurement.metric)
    rows = f" on the {percent(key.coverage)} of rows with ground truth" if key.coverage is not None else ""
    if known is not None and known.limits == (0.0, 1.0):
        size = f"{'down' if moved < 0 else 'up'} {digits(abs(100 * moved), 2)} points"
        return f"{name} {size if abs(moved) >= SAME else 'as it was'}{rows}"
    before = key.baseline.value if key.baseline is not None else None
    return f"{name} {digits(key.measurement.value)} instead of {digits(before)}{rows}"


def _unknown(subject: Subject, one: Standing) -> list[Any]:
    if one.state == "failing":
        return ["its log cannot be read"]
    if one.state == "late" and one.expected_at is not None:
        return [f"its next window is {length(subject.asked.now - one.expected_at)} overdue"]
    if one.state == "ended":
        return ["its log has ended"]
    return ["its data are not what they were"]


def _listed(names: Sequence[str], more: int) -> str:
    if more > 0:
        return f"{', '.join(names)} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _moved(key: Key | None) -> float | None:
    if key is None or key.measurement.value is None or key.baseline is None or key.baseline.value is None:
        return None
    return key.measurement.value - key.baseline.value


def _badge(one: Standing) -> Any:
    if one.verdict == "drift":
        return badge(one.severity or "warning", f"drift · {one.severity or 'warning'}")
    if one.state in ("learning", "new", "late", "failing", "ended"):
        return badge(one.state)
    return badge("unknown", "unknown") if one.verdict == "unknown" else badge("ok", "in order")


def _acts(subject: Subject, one: Standing) -> html.Div:
    """Return links to the open incidents and, for whoever may, the button that takes the first one on."""
    numbers = [number for number in (one.incident, one.data_incident) if number]
    acts: list[Any] = [
        dcc.Link(f"Incident {number.removeprefix('inc_')[:6]}", href=link("incidents", number), className="button")
        for number in numbers
    ]
    if numbers:
        found = listed(subject.asked.config, subject.store, [subject.model.name])
        seen = next((one for one in found if one.id == numbers[0]), None)
        taken = seen.incident.acknowledgement if seen is not None else None
        if taken is not None:
            acts.append(badge("acknowledged", f"taken by {taken.actor}"))
        elif seen is not None and subject.asked.principal.may("incidents:write", subject.model.name):
            acts.append(html.Button("Acknowledge", id="model-ack", className="button first", n_clicks=0,
                                    value=f"{numbers[0]}@{seen.incident.version}"))  # fmt: skip
    if subject.model.runbook:
        acts.append(html.A("Runbook", href=subject.model.runbook, className="button", target="_blank",
                           rel="noopener noreferrer"))  # fmt: skip
    return html.Div([*acts, html.Span(id="model-said", className="note", role="status")], className="model-acts")


def _keys(subject: Subject, one: Standing) -> html.Section:
    """Return the numbers that a model is known by."""
    key, window = one.performance, one.window
    tiles = [_performance_tile(subject, key)]
    shown = f"{one.features.beyond} / {one.features.tested}" if one.features.tested else "–"
    names = ", ".join(dict.fromkeys(found.name for found in one.features.top if found.name))
    tiles.append(_key("Columns in alarm", shown, names or "none beyond limit, chance and ordinary life"))
    coverage = key.coverage if key is not None else None
    words = "still coming" if key is not None and not key.final else "share of rows with ground truth"
    tiles.append(_key("Ground truth", percent(coverage), words))
    rows = subject.past.windows[-1].outcome.rows if subject.sight is not None else None
    ends = ["window ends ", instant(window.end)] if window is not None else "no window yet"
    age = length(subject.asked.now - window.end) if window is not None else "–"
    tiles.append(_key("Newest window", [age, html.Small("old")] if window is not None else "–", ends))
    tiles.append(_key("Rows in it", count(rows), _expected(one)))
    return html.Section(tiles, className="card keys", **aria(label="Key numbers"))


def _performance_tile(subject: Subject, key: Key | None) -> html.Div:
    if key is None:
        return _key("Performance", "–", "no ground truth yet")
    moved, measured = _moved(key), key.measurement
    unit_ = unit(measured.metric) if unit(measured.metric) == "ms" else ""
    interval = "" if measured.low is None else f"95 % between {digits(measured.low)} and {digits(measured.high)}"
    against = f"{change(moved, 2)} against the reference" if moved is not None else ""
    notes: list[Any] = [html.Div(words) for words in (against, interval) if words] or [f"{count(measured.n)} rows"]
    points = trends(subject.store, {subject.model.name: measured.metric}).get(subject.model.name, ())
    before = key.baseline.value if key.baseline is not None else None
    line = sparkline(points, before, name=label(measured.metric))
    return _key(metric_name(measured.metric), f"{digits(measured.value)} {unit_}".strip(), [*notes, line])


def _expected(one: Standing) -> Any:
    if one.expected_at is None:
        return ""
    return "the log has ended" if one.state == "ended" else ["next due ", instant(one.expected_at)]


def _key(name: Any, value: Any, note: Any) -> html.Div:
    return html.Div(
        [
            html.Div(name, className="fact-name"),
            html.Div(value, className="fact-value number"),
            html.Div(note, className="note"),
        ],
        className="key",
    )
