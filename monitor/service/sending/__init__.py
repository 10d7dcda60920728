"""Sending: what waits in the outbox goes out, and how that went is entered."""
