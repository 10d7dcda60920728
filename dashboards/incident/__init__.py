"""The page of one incident in its pieces: what it is, what it rests on, what happened, what can be done."""
