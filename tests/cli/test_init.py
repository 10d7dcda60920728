"""``init`` and ``report``: files that are written for people."""

from __future__ import annotations

import stat

from monitor.cli import main
from tests.cli.conftest import Desk


def test_init_then_everything_works(desk: Desk) -> None:
    """What ``init`` writes validates and runs as it is, and says what comes next."""
    said = desk("init", "logs.db", "-c", "new.yaml")
    assert said.code == 0, said.err
    assert said.out == (
        "task      binary\n"
        "table     predictions\n"
        "roles     id = id, time = at, prediction = decided, score = score\n"
        "truth     outcomes\n"
        "features  1 numeric, 1 categorical, 0 left out\n"
        "\n"
        "Written to new.yaml. Look at what is marked `# guessed`, then:\n"
        "  monitor validate -c new.yaml\n"
        "  monitor run -c new.yaml\n"
        "  monitor status -c new.yaml\n"
    )
    assert desk("validate", "-c", "new.yaml").code == 0
    assert desk("run", "-c", "new.yaml").code == 0


def test_init_overwrites_nothing(desk: Desk) -> None:
    """A file that is there is replaced only on demand."""
    before = (desk.folder / "monitor.yaml").read_text()
    said = desk("init", "logs.db")
    assert said.code == 2
    assert "--force" in said.err
    assert (desk.folder / "monitor.yaml").read_text() == before
    assert desk("init", "logs.db", "--force").code == 0
    assert "# guessed" in (desk.folder / "monitor.yaml").read_text()


def test_init_suggests_tables(desk: Desk) -> None:
    """A table that is not there brings the one that was probably meant; a missing database is said."""
    said = desk("init", "logs.db", "--table", "prediction", "-c", "new.yaml")
    assert said.code == 1
    assert "did you mean `predictions`?" in said.err
    said = desk("init", "sqlite:///gone.db", "-c", "new.yaml")
    assert said.code == 1
    assert "gone.db" in said.err
    assert not (desk.folder / "new.yaml").exists()


def test_init_keeps_passwords_to_the_owner(desk: Desk, postgres_database: str) -> None:
    """A URL with a password makes a file that only its owner may read, and a word about it."""
    import sqlalchemy as sa

    engine = sa.create_engine(postgres_database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE p (id int PRIMARY KEY, at timestamptz, prediction int, age float)"))
        connection.execute(
            sa.text("INSERT INTO p SELECT i, now() - i * interval '1 hour', i % 2, i FROM generate_series(1, 99) i")
        )
    engine.dispose()
    url = sa.engine.make_url(postgres_database).set(password="s3cretword").render_as_string(hide_password=False)
    said = desk("init", url, "--table", "p", "-c", "new.yaml")
    assert said.code == 0, said.err
    assert "s3cretword" not in said.out
    assert "holds a password" in said.out
    assert stat.S_IMODE((desk.folder / "new.yaml").stat().st_mode) == 0o600
    assert desk("validate", "-c", "new.yaml").code == 0


def test_report(desk: Desk) -> None:
    """``report`` writes one HTML page about the window that holds an instant."""
    said = desk("report", "--model", "churn", "--window", "2024-03-08", "-o", "out.html")
    assert said.code == 0, said.err
    page = (desk.folder / "out.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "48 rows of the window beside 144 of the reference" in page


def test_report_of_nothing(desk: Desk) -> None:
    """A window without rows, an unknown model and a missing folder are refused before Evidently is loaded."""
    report = ("report", "--model", "churn", "-o")
    said = desk(*report, "out.html", "--window", "2030-01-01")
    assert said.code == 2
    assert "the log has rows from 2024-03-04 00:00" in said.err
    assert desk("report", "--model", "chrun", "-o", "x.html", "--window", "2024-03-08").code == 2
    assert desk(*report, "gone/out.html", "--window", "2024-03-08").code == 2
    assert main(["report", "--model", "churn", "-o", "out.html", "--window", "noon"]) == 2
