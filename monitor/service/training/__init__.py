"""Training anew: recommended, claimed, gated, told."""
