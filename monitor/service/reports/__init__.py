"""Evidently's pages and metrics beside ours."""
