"""What nobody is expected to ask for, or to wait for, is answered in words and leaves nothing behind."""

from __future__ import annotations

import pytest

from dashboards import kept
from dashboards.asking import Asked
from dashboards.tabs import report
from monitor.domain.principal import LOCAL
from monitor.errors import MonitorError
from tests.dashboards.conftest import Dashboard
from tests.dashboards.house import House

FIRST, LAST = "0001-01-01", "9999-12-31"


@pytest.mark.parametrize(
    ("path", "search"),
    [
        ("/dash/models/credit", "?from=0001-01-01T00:00:00%2B14:00&to=9999-12-31T23:59:59-14:00"),
        ("/dash/models/credit", "?window=0001-01-01T00:00:00%2B14:00&tab=drift"),
        ("/dash/models/credit", "?version=%00&segment=%00%3D%00&column=%00"),
        ("/dash/explore", f"?a=custom&a_from={FIRST}&a_to={LAST}&b=custom&b_from={LAST}&b_to={FIRST}"),
        ("/dash/incidents/%00", ""),
    ],
)
def test_odd_addresses_are_answered(dashboard: Dashboard, path: str, search: str) -> None:
    """Instants that are none in UTC, the ends of the calendar, NULs: a page or a sentence, never a fault of ours."""
    answer = dashboard.page(path, search=search)
    assert answer.status_code == 200
    assert "something is broken" not in answer.get_data(as_text=True)


def test_what_fails_leaves_no_lock(house: House) -> None:
    """A value that cannot be made keeps no place among the locks."""
    before = len(kept._LOCKS)

    def fail() -> None:
        raise MonitorError("no")

    with pytest.raises(MonitorError):
        kept.kept(Asked(house.backend(), LOCAL), "what", fail)
    assert len(kept._LOCKS) == before


def test_a_report_that_takes_too_long_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process ends, and the next one may be made."""
    monkeypatch.setattr(report, "LONGEST", 0.0)
    backend = house.backend()
    for _ in range(2):
        with pytest.raises(MonitorError, match="not finished"):
            report.make(backend.config(), "credit", backend.now())
    assert not report._ONE.locked()
