"""An attribute worked out when first asked, without the lock of `functools.cached_property`.

In: a method without arguments. Out: its value, kept in the instance. It refuses nothing; two
threads may both work it out, with the same result. Why not the standard one: up to Python 3.11 it
takes a lock at every first look, which is a tenth of reading a short bio.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - used as a decorator, like `property`
    """Decorate a method that is worked out once for each instance."""

    def __init__(self, method: Callable[[Any], Value]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[Value]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[Value] | Value:
        """Work the value out; from then on it stands in the instance and hides this."""
        if instance is None:
            return self
        value = instance.__dict__[self._method.__name__] = self._method(instance)
        return value
