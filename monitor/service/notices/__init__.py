"""Notices: decided, worded, put into the outbox."""
