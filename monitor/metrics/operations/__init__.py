"""How was the model served? One metric, one file."""
