"""Gates that are worked out when somebody looks at them, as few do."""

from collections.abc import Callable
from typing import Self


class LateGates:
    """A frozen thing with a field `gates`. Nobody can tell whether these were there before."""

    __slots__ = ("_gates",)
    _gates: Callable[[], object]

    def __getattr__(self, name: str) -> object:
        if name != "gates":  # the only one that may not be there yet
            raise AttributeError(f"{type(self).__name__} has no {name}")
        gates = self._gates()
        object.__setattr__(self, "gates", gates)
        return gates

    @classmethod
    def later(cls, gates: Callable[[], object], /, **fields: object) -> Self:
        """Make one of all other fields, and of what makes the gates."""
        new = object.__new__(cls)
        object.__setattr__(new, "_gates", gates)
        for name, value in fields.items():
            object.__setattr__(new, name, value)
        return new
