"""The pages people look at; they ask ``monitor.service.view`` and compute nothing.

A page is one module in ``dashboards/pages`` with ``PATH``, ``title(asked)``, ``layout(asked)`` and ``register(app)``.
What it shows depends on the address and the store alone: controls are made by ``components.control`` and write their
values into the address, ``part.part`` draws a part of the page again when the address or the store has changed.
"""
