"""x."""


def runs() -> None:
    """X."""
