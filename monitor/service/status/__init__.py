"""How far every model is, and how late."""
