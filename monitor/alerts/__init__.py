"""Verdicts become incidents, and incidents notices: who is told what, and when he is left in peace.

Pure: the time is an argument, everything else too. Verdicts fold into instances (``fold``), instances into incidents
(``assemble``), and of an incident each receiver hears at most one notice a run (``send_decision``). Imports
``monitor.rules``, ``monitor.domain``, ``monitor.config`` and below.
"""
