"""Drafting a first monitor.yaml from a look at somebody's tables."""
