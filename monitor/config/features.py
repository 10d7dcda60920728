"""Which columns are the model's inputs, and of which kind."""

from pydantic import model_validator

from monitor.config.name import Column
from monitor.config.section import Section
from monitor.config.wrong import Wrong


class FeaturesConfig(Section):
    """The input columns by kind, or ``infer``: every column without a role, except ``exclude``.

    Columns named beside ``infer: true`` keep the kind they are given. ``{numeric: []}`` means none.
    """

    numeric: tuple[Column, ...] = ()
    categorical: tuple[Column, ...] = ()
    infer: bool = False
    exclude: tuple[Column, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _exclude_alone_infers(cls, data: object) -> object:
        if isinstance(data, dict) and set(data) == {"exclude"}:
            return {**data, "infer": True}
        if data == {}:
            raise Wrong("says nothing", "write {infer: true}, or {numeric: []} for none", shown=False)
        return data

    @model_validator(mode="after")
    def _each_once(self) -> "FeaturesConfig":
        seen: set[str] = set()
        for key in ("numeric", "categorical", "exclude"):
            for index, column in enumerate(getattr(self, key)):
                if column in seen:
                    raise Wrong("is named twice", "name each column once", at=(key, index))
                seen.add(column)
        if self.exclude and not self.infer:
            raise Wrong(
                "needs infer: true",
                "columns that are not listed are left out anyway",
                at=("exclude",),
                shown=False,
            )
        return self
