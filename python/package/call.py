"""The arguments of one call of a custom operator: flat, as PyTorch passes them on, and by what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from math import prod
from typing import Any

import torch
from torch import Tensor

from .declaration import Declaration
from .geometry import Geometry
from .plan import Sizes

_GEOMETRY = (
    "int[] kernel, int[] stride, int[] low, int[] high, int[] dilation, bool ceil_mode, bool count_include_pad, "
    "float? divisor_override, int[]? output_size"
)
_FIELDS = 9
_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


def memory_format(x: Tensor) -> torch.memory_format:
    """The order in which a tensor lies: channels last only where it lies so and in no other way."""
    last = _LAST.get(x.dim())
    return last if last is not None and not x.is_contiguous() and x.is_contiguous(memory_format=last) else torch.contiguous_format


def schema_of(declaration: Declaration) -> list[str]:
    """The parameters of the custom operator, in the order of :meth:`Call.flat`; a formula's names are no other word's."""
    return [
        *(f"Tensor tensor_{name}" for name in declaration.tensors),
        *(f"Tensor param_{name}" for name in declaration.parameters),
        *(f"Tensor? random_{name}" for name in declaration.random),
        "Tensor? seed",
        _GEOMETRY,
        *(f"float attr_{name}" for name in declaration.attrs),
    ]


@dataclass(frozen=True)
class Call:
    """One call: the input and further tensors of its shape, parameters and random values in full shape, and numbers."""

    tensors: Sequence[Tensor]
    parameters: Sequence[Tensor]
    random: Sequence[Tensor | None]
    seed: Tensor | None
    geometry: Geometry
    attrs: Mapping[str, float]

    def flat(self) -> tuple[Any, ...]:
        """What the custom operator is called with."""
        geometry = astuple(self.geometry)
        return (*self.tensors, *self.parameters, *self.random, self.seed, *geometry, *self.attrs.values())

    @staticmethod
    def of(declaration: Declaration, args: Sequence[Any]) -> Call:
        """The call that arguments are of."""
        tensors, parameters = len(declaration.tensors), len(declaration.parameters)
        at = tensors + parameters + len(declaration.random)
        *lists, ceil_mode, count_include_pad, divisor_override, output_size = args[at + 1 : at + 1 + _FIELDS]
        adaptive = None if output_size is None else tuple(output_size)
        return Call(
            tensors=args[:tensors],
            parameters=args[tensors : tensors + parameters],
            random=args[tensors + parameters : at],
            seed=args[at],
            geometry=Geometry(*(tuple(one) for one in lists), ceil_mode, count_include_pad, divisor_override, adaptive),
            attrs=dict(zip(declaration.attrs, args[at + 1 + _FIELDS :])),
        )

    @property
    def x(self) -> Tensor:
        return self.tensors[0]

    @property
    def format(self) -> torch.memory_format:
        return memory_format(self.x)

    @property
    def output_shape(self) -> list[int]:
        return [*self.x.shape[:2], *self.geometry.out_extents(self.x.shape[2:])]

    @property
    def seed_number(self) -> int:
        return 0 if self.seed is None else int(self.seed.item())

    @property
    def sizes(self) -> Sizes:
        extents = tuple(self.x.shape[2:])
        taps = prod(extents) if self.geometry.is_adaptive else self.geometry.size
        return Sizes(self.x.shape[0], self.x.shape[1], extents, tuple(self.geometry.out_extents(extents)), taps)

    def with_random(self, random: Sequence[Tensor]) -> Call:
        """The same, with random values handed in."""
        return replace(self, random=random)

    def dense(self, tensor: Tensor) -> Tensor:
        """A tensor of the input's or the output's kind, in the input's type and order."""
        return tensor.to(self.x.dtype).contiguous(memory_format=self.format)
