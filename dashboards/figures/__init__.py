"""Figures: pure functions from records to what plotly.js draws, as plain dictionaries; nothing is computed here."""
