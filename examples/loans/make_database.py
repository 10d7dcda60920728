"""Make loans.db: two tables as a bank might have them, seeded, with one fault in it.

From 15 February on an upstream job delivers a third of the incomes as thousands.
"""

from __future__ import annotations

import math
import random
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS, A_DAY, FAULT_DAY = 60, 200, 45
LABEL_DELAY = timedelta(days=5)

TABLES = """
CREATE TABLE decisions (application_no INTEGER PRIMARY KEY, decided_at TEXT, engine TEXT, will_default INTEGER,
                        default_risk REAL, income REAL, loan_amount REAL, purpose TEXT, region TEXT);
CREATE TABLE repayments (application_no INTEGER, settled_at TEXT, defaulted INTEGER);
"""


def main(path: Path) -> None:
    """Write the database anew."""
    path.unlink(missing_ok=True)
    chance = random.Random(7)
    decisions, repayments = [], []
    for number in range(DAYS * A_DAY):
        at = START + timedelta(days=number // A_DAY, seconds=chance.randrange(86400))
        income, amount = chance.lognormvariate(10.4, 0.5), chance.lognormvariate(9, 0.7)
        odds = math.exp(1.2 * math.log(amount / income) + 0.3)
        defaulted = chance.random() < odds / (1 + odds)
        seen = income / 1000 if number // A_DAY >= FAULT_DAY and chance.random() < 1 / 3 else income
        odds = math.exp(1.2 * math.log(amount / seen) + 0.3)
        risk = odds / (1 + odds)
        purpose, region = chance.choices(["car", "home", "study"], [5, 3, 2])[0], chance.choice(["north", "south"])
        written = at.strftime("%Y-%m-%d %H:%M:%S")
        decisions.append((number, written, "v1", int(risk > 0.5), risk, seen, amount, purpose, region))
        repayments.append((number, (at + LABEL_DELAY).strftime("%Y-%m-%d %H:%M:%S"), int(defaulted)))
    with sqlite3.connect(path) as database:
        database.executescript(TABLES)
        database.executemany("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", decisions)
        database.executemany("INSERT INTO repayments VALUES (?, ?, ?)", repayments)
    database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "loans.db"))
