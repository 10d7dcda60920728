"""The command line, one file for each command; talks to ``monitor.service`` only and computes nothing.

Every command imports what it needs when it runs, so that ``monitor --help`` answers at once.
"""

from monitor.cli.entry import main

__all__ = ["main"]
