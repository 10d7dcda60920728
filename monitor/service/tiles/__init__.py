"""Tiles: the rows of an hour, counted once, kept, added up, looked at again."""
