"""The look before the server listens: what would be open to everybody is not started."""

from __future__ import annotations

from monitor.api.access.request import is_loopback
from monitor.config import Config
from monitor.errors import UsageError
from monitor.service.access import pepper
from monitor.service.access.admission import restricted
from monitor.store.engine import Store

OPEN = (
    "there is no key and no user yet: whoever sits at this machine may do everything, nobody else is answered; "
    "`monitor users add NAME --role admin` and `monitor keys create` end that"
)


def demand(config: Config, store: Store, host: str) -> str | None:
    """Demand that a server bound to a host may be started; return what its operator should know, None when nothing.

    Raises
    ------
    UsageError
        Others could reach it, and nobody would be asked who he is; or the pepper of the environment is weak.
    """
    pepper.of(store)
    if restricted(config, store):
        return None
    if not is_loopback(host):
        raise UsageError(
            f"with --host {host} others could reach a service that asks nobody who he is",
            "first `monitor users add NAME --role admin` or `monitor keys create --name N --role admin`; "
            "or leave out --host, then only this machine is answered",
        )
    return OPEN
