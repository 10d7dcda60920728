"""Has the data moved away from the reference? One metric, one file."""
