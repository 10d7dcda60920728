"""Is the data itself sound? One metric, one file."""
