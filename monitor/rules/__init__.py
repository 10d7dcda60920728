"""Rules: numbers become verdicts, by limits, significance and ordinary life, within a budget of false alarms.

Pure: no clock, no chance, no store. Imports metrics, profile, domain and config.
"""
