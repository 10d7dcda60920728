"""Every broken file in ``broken/`` is refused with the very text beside it."""

from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigError

FILES = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


def refusal(file: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(file, env={})
    return caught.value


def test_there_are_sixty_and_more() -> None:
    """The golden files are found."""
    assert len(FILES) >= 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message(file: Path) -> None:
    """The message is the golden one, to the letter."""
    message = str(refusal(file)).replace(str(file), "monitor.yaml")
    assert message + "\n" == file.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_place_and_cure(file: Path) -> None:
    """Every fault names its line and its cure, and speaks no jargon and no secret."""
    error = refusal(file)
    assert error.exit_code == 2
    for fault in error.faults:
        assert fault.hint
        assert fault.line or "empty" in file.stem or "comments" in file.stem
        assert "pydantic" not in str(fault).lower()
        assert "hunter2" not in str(fault)


def test_all_faults_at_once() -> None:
    """One reading names every fault of the file, in the order of its lines."""
    [file] = [file for file in FILES if file.stem.endswith("many-faults")]
    lines = [fault.line for fault in refusal(file).faults]
    assert len(lines) >= 9
    assert lines == sorted(lines)
