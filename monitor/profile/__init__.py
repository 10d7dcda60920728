"""Counts that add: rows are reduced once to profiles over bins frozen from the reference.

Imports ``monitor.domain`` and ``monitor.errors``, numpy and pyarrow; no I/O, no clock, no randomness.
"""
