"""A field whose text is read by a function of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """An annotation for pydantic: ``parse`` reads the value, ``schema`` describes what may be written.

    Pydantic's own ``PlainValidator`` serializes what it read twice and warns of it.
    """

    parse: Callable[[Any], object]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a schema that calls ``parse`` and serializes by the value's own type."""
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return what may be written, as JSON Schema."""
        return dict(self.schema)
