"""From counts to measurements and their revisions."""
