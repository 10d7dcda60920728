"""Reading a configuration stays light."""

import subprocess
import sys


def test_heavy_libraries_are_not_imported() -> None:
    """Neither pandas nor numpy, pyarrow, SQLAlchemy or Evidently comes along."""
    code = "import sys, monitor.config; print(' '.join(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "numpy", "pyarrow", "sqlalchemy", "evidently", "duckdb", "scipy"} & set(modules)
