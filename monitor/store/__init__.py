"""Our own tables: models, references, tiles, the ledger of windows and the measurements; SQLAlchemy 2 Core.

``engine.open_store`` gives a :class:`Store` with two doors, ``read()`` and ``write()``; ``migration`` brings its
tables up to date; every other file is one table's functions, each taking the open connection. May import
``monitor.domain`` and ``monitor.errors``; knows no metric, no source and no clock but the database's.
"""
