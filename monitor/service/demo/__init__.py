"""The demo: sample models with planted faults, moved to the present."""
