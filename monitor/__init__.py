"""Production model monitoring: from logged predictions to numbers, verdicts and alarms that are right."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.service.comparing.compare import compare

__all__ = ["compare"]


def __getattr__(name: str) -> Any:
    """Load what is used from Python when it is asked for, so that the command line starts fast."""
    if name == "compare":
        from monitor.service.comparing.compare import compare  # noqa: PLC0415

        return compare
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
