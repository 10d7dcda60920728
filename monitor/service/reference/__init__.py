"""The reference: frozen, pinned, replaced, and what is usual in it."""
