"""The fault that a single value has, raised while it is parsed."""


class Wrong(ValueError):  # noqa: N818  read as a word where it is raised
    """A value is not what its key needs.

    Parameters
    ----------
    problem : str
        A phrase whose subject is the value, such as ``is not a duration``. Never holds the value
        itself: it may be a secret.
    hint : str
        What would be right, with an example.
    at : tuple, optional
        Where inside the value the fault is; empty for the value itself.
    shown : bool, optional
        Whether the text of the file is put before the problem.
    """

    def __init__(self, problem: str, hint: str, *, at: tuple[str | int, ...] = (), shown: bool = True) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.at = at
        self.shown = shown
