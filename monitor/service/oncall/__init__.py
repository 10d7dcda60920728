"""Incidents as people on call see them and act on them."""
