"""Words every room uses: model, window, calendar, measurement, category; frozen and pure.

Imports nothing but ``monitor.errors``.
"""
