"""Which rule judges which number."""

from __future__ import annotations

import pytest

from monitor.config.rule import RuleConfig
from monitor.rules.defaults import rules_of
from monitor.rules.rule import rule_of
from monitor.rules.select import Attributes, Place, labels_of, selects

KNOWN = Attributes(groups=(("g",), ("g", "h")), segments=("s", "g"))


@pytest.mark.parametrize(
    ("rule", "place", "expected"),
    [
        ({"metric": "psi"}, ("psi", "age"), True),
        ({"metric": "psi"}, ("psi", "target"), False),
        ({"metric": "psi", "columns": "*"}, ("psi", "target"), True),
        ({"metric": "psi", "columns": ["a*", "score"]}, ("psi", "age"), True),
        ({"metric": "psi", "columns": ["a*", "score"]}, ("psi", "wage"), False),
        ({"metric": "psi", "column": "a[1]"}, ("psi", "a[1]"), True),
        ({"metric": "psi"}, ("kolmogorov_smirnov_statistic", "age"), False),
        ({"metric": "psi"}, ("psi", "age", {"s": "x"}), False),
        ({"metric": "psi", "segments": "*"}, ("psi", "age", {"s": "x"}), True),
        ({"metric": "psi", "segments": "s=x"}, ("psi", "age", {"s": "x"}), True),
        ({"metric": "psi", "segments": "s=y"}, ("psi", "age", {"s": "x"}), False),
        ({"metric": "psi", "segments": "s"}, ("psi", "age"), False),
        ({"metric": "recall"}, ("recall",), True),
        ({"metric": "recall"}, ("recall", None, {"g": "x"}), False),
        ({"metric": "recall", "groups": "*"}, ("recall", None, {"g": "x"}), True),
        ({"metric": "recall", "groups": "g"}, ("recall", None, {"g": "x", "h": "y"}), False),
        ({"metric": "recall", "groups": "g×h"}, ("recall", None, {"g": "x", "h": "y"}), True),
        ({"metric": "recall", "groups": "*"}, ("recall", None, {"s": "x"}), False),
        ({"metric": "precision"}, ("precision", None, {"class": "cat"}), True),
        ({"metric": "precision", "groups": "g"}, ("precision", None, {"g": "x", "class": "cat"}), True),
        ({"metric": "demographic_parity_difference"}, ("demographic_parity_difference", "g"), True),
        ({"metric": "demographic_parity_difference"}, ("demographic_parity_difference", "g", {"g": "x"}), False),
        ({"metric": "demographic_parity_ratio", "groups": "g"}, ("demographic_parity_ratio", "g", {"g": "x"}), True),
        ({"metric": "recall"}, ("recall", None, None, "v1"), False),
        ({"metric": "recall", "version": "*"}, ("recall", None, None, "v1"), True),
        ({"metric": "recall", "version": "*"}, ("recall", None, None, None), False),
        ({"metric": "recall", "version": "v2"}, ("recall", None, None, "v1"), False),
    ],
)
def test_selection(rule, place, expected):
    """Columns, groups, segments and versions are chosen by patterns; without any the total is."""
    assert selects(rule_of(RuleConfig(above=0.1, **rule)), Place(*place), KNOWN) is expected


def test_labels_do_not_collide():
    """A group whose attribute has the name of a label is kept apart from it."""
    labels = labels_of(Place("recall", None, {"version": "a", "column": None}, "v1"))
    assert labels == {"metric": "recall", "version": "v1", "group:version": "a", "group:column": None}


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression", "ranking"])
def test_default_rules(task):
    """Without rules a model has those of the contract, each with a name; the entry default brings them back."""
    key = {"binary": "roc_auc", "multiclass": "f1_macro", "regression": "mean_absolute_error", "ranking": "ndcg@10"}[
        task
    ]
    rules = rules_of(None, task, key)
    assert len({rule.id for rule in rules}) == len(rules)
    assert rules_of(["default"], task, key) == rules
    limits = {(r.metric, r.severity): r.above for r in rules if r.above}
    for metric in ("drift_effect", "missing_rate_change", "unseen_rate"):
        assert (limits[metric, "warning"], limits[metric, "critical"]) == (0.05, 0.2)
    (performance,) = (r for r in rules if r.metric == key and r.groups is None)
    assert performance.severity == "critical"
    assert performance.min_rows == 30
    assert performance.worse_by.amount == (0.1 if task == "regression" else 0.03)
    assert any(r.metric == "selection_rate" for r in rules) == (task in {"binary", "multiclass"})


def test_rules_of_ones_own_replace_the_defaults():
    """What stands in the file is all there is; names are kept, equal texts told apart."""
    own = [RuleConfig(metric="psi", above=0.2), RuleConfig(metric="psi", above=0.2, severity="critical")]
    assert [r.id for r in rules_of(own, "binary", "f1")] == ["psi above 0.2", "psi above 0.2 #2"]
    assert rules_of([RuleConfig(metric="psi", above=0.2, name="p")], "binary", "f1")[0].id == "p"


@pytest.mark.parametrize(
    ("metric", "severity", "expected"),
    [
        ("psi", "critical", (2, 3)),
        ("missing_rate_change", "critical", (1, 1)),
        ("missing_rate_change", "warning", (2, 3)),
        ("duplicate_rate", "critical", (1, 1)),
    ],
)
def test_how_many_windows(metric, severity, expected):
    """Critical rules about the data's quality fire at once, others with two windows of three."""
    rule = rule_of(RuleConfig(metric=metric, above=0.1, severity=severity))
    assert (rule.needed, rule.of) == expected
