"""The thin shell: one use case per file; loads, calls pure code, saves in one transaction.

Imports the rooms below it, ``monitor.source``, ``monitor.store`` and ``monitor.report`` among them; nothing here
computes a number.
"""
