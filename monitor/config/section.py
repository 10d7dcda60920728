"""What all blocks of monitor.yaml have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A block of monitor.yaml: its attributes are the keys, nothing else may stand in it.

    Frozen. Keys that are words of Python (``for``, ``from``, ``continue``) end in an underscore here.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        defer_build=True,
    )
