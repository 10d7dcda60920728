"""Whether configuration, logs and surroundings are as they should be, before anything is counted."""
