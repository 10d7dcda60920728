"""Whether anybody was given a key or may log in: from then on nobody is let in without."""

from __future__ import annotations

from monitor.config import Config
from monitor.store import keys, users
from monitor.store.engine import Store


def restricted(config: Config, store: Store) -> bool:
    """Return whether there was ever a key or a user, or a provider of identities is configured.

    Never false again once it was true: keys are revoked and users disabled, but neither is removed.
    """
    if config.access.oidc is not None:
        return True
    with store.read() as conn:
        return keys.any_there(conn) or users.any_there(conn)
