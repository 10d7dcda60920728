"""Counting: one file per part of a profile, from an encoded batch to one tally per slot."""
