#!/usr/bin/env bash
# Make a virtual environment with the locked packages and this checkout in it: by uv where it is there, else by pip.
set -euo pipefail

venv=${1:-.venv}
python=
for name in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11; do
  if python=$("$name" -c 'import sys; print(sys.executable); sys.exit(sys.version_info < (3, 11))' 2> /dev/null); then
    break
  fi
  python=
done
if [ -z "$python" ]; then
  echo "error: Python 3.11 or newer is needed, and none is on the PATH" >&2
  echo " hint: install one, or name it: make install PYTHON=/path/to/python3.12" >&2
  exit 1
fi

with_uv() {
  "$1" venv --quiet --allow-existing --python "$python" "$venv" &&
    "$1" pip install --quiet --python "$venv/bin/python" --no-deps --require-hashes --requirement requirements.lock
}

with_pip() {
  if ! "$venv/bin/python" -m pip --version > /dev/null 2>&1 && ! "$python" -m venv "$venv"; then
    echo "error: $python cannot make a virtual environment with pip" >&2
    echo " hint: install uv; or on Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
  fi
  if ! command -v uv > /dev/null && "$venv/bin/python" -m pip install --quiet uv && with_uv "$venv/bin/uv"; then
    return
  fi
  "$venv/bin/python" -m pip install --quiet --no-deps --require-hashes --requirement requirements.lock
}

# uv does not read pip's settings: where packages come from a mirror that only pip knows, pip goes on.
if ! command -v uv > /dev/null || ! with_uv uv; then
  with_pip
fi
if "$venv/bin/python" -m pip --version > /dev/null 2>&1; then
  "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
else
  uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
fi
