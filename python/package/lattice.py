"""Where the windows of a call and their taps lie: what a formula may ask of the geometry, as tensors that broadcast.

A value once a window is (1, 1, *O), one for each window and tap has the taps in front, (*K, 1, 1, *O). Each dimension is told
apart from the others, since windows are boxes; what is of all dimensions is their product or their row-major number.
"""

from __future__ import annotations

from functools import cached_property, reduce

import torch
from torch import Tensor

from .geometry import Geometry


class Lattice:
    """The windows over an input, and their taps.

    Args:
        geometry: how they lie.
        shape: the input's, (N, C, *I).
        like: a tensor of the type that is computed in, where it is computed.
    """

    def __init__(self, geometry: Geometry, shape: torch.Size, like: Tensor) -> None:
        self.geometry = geometry
        self.batch = tuple(shape[:2])
        self.extents = tuple(shape[2:])
        self.out_extents = tuple(geometry.out_extents(self.extents))
        self.dims = len(self.extents)
        self.like = like
        self.tap_dims = tuple(range(self.dims))

    # Where windows lie, dimension by dimension.

    def _arange(self, n: int) -> Tensor:
        return torch.arange(n, device=self.like.device)

    def _outputs(self, d: int, values: Tensor) -> Tensor:
        """Values of a dimension's windows, (O,), as they stand beside others: (1, 1, 1, O, 1)."""
        return values.reshape(1, 1, *(values.numel() if at == d else 1 for at in range(self.dims)))

    @cached_property
    def starts(self) -> list[Tensor]:
        """The element of each window's first tap; before the input, it is negative."""
        g = self.geometry
        if g.is_adaptive:
            return [self._outputs(d, self._arange(o) * i // o) for d, (o, i) in enumerate(zip(self.out_extents, self.extents))]
        return [self._outputs(d, self._arange(o) * g.stride[d] - g.low[d]) for d, o in enumerate(self.out_extents)]

    @cached_property
    def widths(self) -> list[Tensor]:
        """The taps of each window."""
        if not self.geometry.is_adaptive:
            # Of all windows alike, so that what is one a tap stays one a tap.
            return [self._outputs(d, self._arange(1) + k) for d, k in enumerate(self.geometry.kernel)]
        ends = [-((self._arange(o) + 1) * i // -o) for o, i in zip(self.out_extents, self.extents)]
        return [self._outputs(d, end) - start for d, (end, start) in enumerate(zip(ends, self.starts))]

    @cached_property
    def kernel(self) -> tuple[int, ...]:
        """The taps of all windows by dimension. Adaptive windows differ, and number theirs each for itself: in one dimension."""
        if not self.geometry.is_adaptive:
            return self.geometry.kernel
        return (int(self.count.max()), *[1] * (self.dims - 1))

    def _along(self, d: int) -> Tensor:
        """The taps of a dimension, from 0: (1, K, 1, 1, 1, 1)."""
        return self._arange(self.kernel[d]).reshape(
            *(self.kernel[at] if at == d else 1 for at in range(self.dims)), *[1] * (2 + self.dims)
        )

    @cached_property
    def _elements(self) -> list[Tensor]:
        """The element of each tap of sliding windows, dimension by dimension."""
        return [start + self._along(d) * self.geometry.dilation[d] for d, start in enumerate(self.starts)]

    @cached_property
    def _reads(self) -> list[Tensor]:
        """Whether a tap of sliding windows reads an element, dimension by dimension."""
        return [(element >= 0) & (element < extent) for element, extent in zip(self._elements, self.extents)]

    @cached_property
    def valid(self) -> Tensor | None:
        """Which taps read an element; None where all do."""
        if self.geometry.is_adaptive:
            reads = self.tap < self.count
            return None if bool(reads.all()) else reads
        if all(bool(reads.all()) for reads in self._reads):
            return None
        return reduce(torch.logical_and, self._reads)

    def _counted(self, along: list[Tensor]) -> Tensor:
        """The product of how many taps are marked along each dimension."""
        counts = [marks.sum(self.tap_dims) for marks in along]
        return reduce(torch.mul, counts).to(self.like.dtype)

    # What a formula asks of the geometry.

    @cached_property
    def count(self) -> Tensor:
        """Taps that read an element."""
        if self.geometry.is_adaptive:
            return reduce(torch.mul, self.widths).to(self.like.dtype)
        return self._counted(self._reads)

    @cached_property
    def size(self) -> Tensor:
        """Taps of a full window; an adaptive one is always full."""
        return self.count if self.geometry.is_adaptive else self.number(self.geometry.size)

    @cached_property
    def divisor(self) -> Tensor:
        """What a mean divides by: the taps up to the end of the padding where it is counted, else those that read; at least 1."""
        g = self.geometry
        if g.divisor_override is not None:
            return self.number(g.divisor_override)
        if g.is_adaptive or not g.count_include_pad:
            return self.count.clamp(min=1)
        below = [element < extent + high for element, extent, high in zip(self._elements, self.extents, g.high)]
        return self._counted(below).clamp(min=1)

    @cached_property
    def tap(self) -> Tensor:
        """The number of each tap, row-major over its own window."""
        return reduce(lambda number, d: number * self.kernel[d] + self._along(d), range(1, self.dims), self._along(0))

    def flat_index(self, tap: Tensor) -> Tensor:
        """The offset in the input's plane of one tap of each window; -1 stays -1."""
        rest, offset, step = tap, torch.zeros_like(tap), 1
        for d in reversed(range(self.dims)):
            step_of_tap = 1 if self.geometry.is_adaptive else self.geometry.dilation[d]
            element = self.starts[d] + rest % self.widths[d] * step_of_tap
            offset, step, rest = offset + element * step, step * self.extents[d], rest // self.widths[d]
        return torch.where(tap < 0, -1, offset)

    def number(self, value: float) -> Tensor:
        """A constant as a tensor; beyond the type's range it is infinite."""
        return torch.full((), value, dtype=torch.float64, device=self.like.device).to(self.like.dtype)

    def real(self, integer: Tensor) -> Tensor:
        """An integer as a number of the type that is computed in."""
        return integer.to(self.like.dtype)
