"""The HTML report: Evidently's sections, each in a frame of its own, under a note of what is not in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.domain.model import Model
from monitor.report.guests import Guests, guests, harmless
from monitor.report.judges import LEVEL, NUMERIC, register
from monitor.report.quiet import quiet

_STYLE = (
    "body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff}"
    "header{padding:16px 24px;max-width:70em}iframe{border:0;width:100%;height:95vh;display:block}"
    "h1{font-size:22px;margin:0 0 8px}h2{font-size:17px;padding:0 24px}"
)


def html(reference: pa.Table, current: pa.Table, model: Model, *, title: str) -> str:
    """Return one self-contained page about current rows beside reference rows.

    Parameters
    ----------
    reference, current : Table
        Samples of canonical rows.
    title : str
        Plain text.

    Returns
    -------
    str
        HTML that asks no other host. A section that Evidently fails at is replaced by a note.
    """
    with quiet():
        rows = guests(model, reference, current)
        sections: dict[str, str] = {}
        notes = [f"{name}: left out, {why}" for name, why in rows.left_out.items()]
        tries: list[tuple[str, Callable[[Guests], str | None]]] = [
            ("Drift", _drift),
            ("Performance", _performance),
        ]
        for name, section in tries:
            try:
                found = section(rows)
            except Exception as error:  # noqa: BLE001  Evidently may raise anything; the other sections stay
                notes.append(f"{name}: Evidently failed: {type(error).__name__}: {error}"[:300])
                continue
            if found is not None:
                sections[name] = found
    counts = f"{current.num_rows:,} rows of the window beside {reference.num_rows:,} of the reference"
    return _page(title, counts, notes, sections)


def _page(title: str, counts: str, notes: list[str], sections: Mapping[str, str]) -> str:
    said = "".join(f"<li>{escape(note)}</li>" for note in notes)
    frames = "".join(
        f'<h2>{name}</h2><iframe sandbox="allow-scripts" title="{name}" srcdoc="{escape(page)}"></iframe>'
        for name, page in sections.items()
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><header><h1>{escape(title)}</h1><p>{counts}. Numbers are tested by "
        f"Kolmogorov-Smirnov, categories by the two-sample chi-square test, at {LEVEL} divided by the number of "
        "columns: without any drift one page in twenty flags a column. Alarms do not depend on this page.</p>"
        f"{f'<ul>{said}</ul>' if said else ''}</header>{frames or '<h2>There is nothing to show</h2>'}</body></html>"
    )


def _drift(rows: Guests) -> str | None:
    from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
    from evidently.presets import DataDriftPreset  # noqa: PLC0415

    if not rows.names:
        return None
    numeric, categorical = rows.of_kind("numeric"), rows.of_kind("categorical")
    definition = DataDefinition(numerical_columns=numeric, categorical_columns=categorical)
    level = LEVEL / len(rows.names)
    preset = DataDriftPreset(
        columns=[*numeric, *categorical],
        num_method=NUMERIC,
        cat_method=register(),
        num_threshold=level,
        cat_threshold=level,
    )
    old, new = (Dataset.from_pandas(frame, data_definition=definition) for frame in (rows.reference, rows.current))
    return str(Report([preset]).run(new, old).get_html_str(as_iframe=False))


def _performance(rows: Guests) -> str | None:
    """Return the section about labelled rows; None when the model logs no decisions or no ground truth."""
    from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
    from evidently.presets import ClassificationPreset, RegressionPreset  # noqa: PLC0415

    old, new = (judged(rows, frame) for frame in (rows.reference, rows.current))
    if old is None or new is None or min(side["target"].nunique() for side in (old, new)) < 2:
        return None
    definition = DataDefinition(**_task(rows.model, "score" in old.columns))
    preset = RegressionPreset() if rows.model.task == "regression" else ClassificationPreset()
    sides = (Dataset.from_pandas(side, data_definition=definition) for side in (new, old))
    return str(Report([preset]).run(*sides).get_html_str(as_iframe=False))


def judged(rows: Guests, frame: Any) -> Any | None:
    """Return target, prediction and, of a binary model, score of the rows that have them; None without the columns."""
    model, names = rows.model, rows.names
    if "target" not in names or not {"prediction", "score"} & set(names) or model.task == "ranking":
        return None
    kept = {"target": frame[names["target"]]}
    scored = model.task == "binary" and "score" in names
    if scored:
        kept["score"] = frame[names["score"]]
    if "prediction" in names:
        kept["prediction"] = frame[names["prediction"]]
    elif scored:
        yes, no = harmless(model.positive), harmless(model.negative)
        kept["prediction"] = np.where(kept["score"] >= model.threshold, yes, no)
    else:
        return None
    return frame[[]].assign(**kept).dropna()


def _task(model: Model, scored: bool) -> dict[str, Any]:
    """Return what Evidently must know of the columns that `judged` gives."""
    from evidently import BinaryClassification, MulticlassClassification, Regression  # noqa: PLC0415

    outputs = ["target", "prediction"]
    if model.task == "regression":
        return {"numerical_columns": outputs, "regression": [Regression(target="target", prediction="prediction")]}
    kind: Any = MulticlassClassification(target="target", prediction_labels="prediction")
    if model.task == "binary":
        kind = BinaryClassification(
            target="target",
            prediction_labels="prediction",
            prediction_probas="score" if scored else None,
            pos_label=harmless(model.positive),
        )
    numbers = ["score"] if scored else []
    return {"categorical_columns": outputs, "numerical_columns": numbers, "classification": [kind]}
