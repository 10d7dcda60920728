"""Scheduling: a clock, a ledger of windows, and workers that lease what is due and may vanish at any time."""
