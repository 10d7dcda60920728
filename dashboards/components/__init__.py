"""What pages are put together from: badges, numbers, instants, cards, states, tables."""
