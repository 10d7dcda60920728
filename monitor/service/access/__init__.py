"""Who may do what: keys, users, sessions, and the log of what was done."""
