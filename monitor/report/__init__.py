"""Evidently as a guest: its HTML report of a window against the reference, and its metrics as estimates.

Imports ``monitor.metrics``, ``monitor.profile``, ``monitor.domain``, ``monitor.config`` and ``monitor.errors``.
Evidently and pandas are imported inside functions only: that takes seconds. Its judgements alarm nobody.
"""
