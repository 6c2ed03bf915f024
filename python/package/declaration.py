"""What an operator is declared with: names, roles and shapes, as data that modules and errors are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# What a parameter's shape varies with, in the words of :mod:`.windows`; a shape that is none of these is written in them.
_levels = {
    "scalar": "",
    "channel": "c",
    "sample": "n",
    "sample-channel": "n c",
    "position": "n c out",
    "kernel": "tap",
    "input": "n c in",
    "window": "n c out tap",
}


def level_of(shape: str) -> str:
    """``n c`` for ``sample-channel``."""
    return _levels.get(shape, shape)


@dataclass(frozen=True)
class Random:
    """A random value: ``normal`` or ``uniform``, the number of its stream, and its shape."""

    kind: str
    stream: int
    shape: str


@dataclass(frozen=True)
class Declaration:
    """An operator's names.

    ``tensors`` are the input and further ones of its shape; ``results`` say whether each is an integer.
    """

    name: str
    formula: str
    tensors: tuple[str, ...]
    parameters: Mapping[str, str]
    random: Mapping[str, Random]
    attrs: Mapping[str, float]
    results: Mapping[str, bool]
    # Whether the formula draws values that cannot be handed in.
    draws: bool = False
    # Whether a mean's divisor may be another; a variance would be none.
    allows_divisor: bool = True

    @property
    def is_seeded(self) -> bool:
        return self.draws or len(self.random) > 0

    @property
    def has_taps(self) -> bool:
        """Whether a parameter or a random value has one value a tap."""
        shapes = [*self.parameters.values(), *(one.shape for one in self.random.values())]
        return any("tap" in level_of(shape) for shape in shapes)
