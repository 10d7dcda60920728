"""How good were recommended lists? One metric, one file."""
