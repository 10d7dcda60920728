"""The PostgreSQL fixtures work on this machine."""

import psycopg


def test_a_fresh_database_is_empty_and_takes_writes(postgres_database: str) -> None:
    """A test owns its database."""
    with psycopg.connect(postgres_database) as connection:
        count = connection.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone()
        connection.execute("CREATE TABLE t (a int)")
    assert count == (0,)
