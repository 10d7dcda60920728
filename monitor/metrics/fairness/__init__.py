"""Are groups treated alike? One metric, one file."""
