"""Production model monitoring: from logged predictions to numbers, verdicts and alarms that are right."""
