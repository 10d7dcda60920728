"""Alarms: from the numbers of a window to incidents that have moved."""
