"""Two frames beside each other, without store or file."""
