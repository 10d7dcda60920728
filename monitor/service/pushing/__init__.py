"""Pushed rows: from bytes to the model's own log."""
