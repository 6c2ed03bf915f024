"""The windows of one call in plain PyTorch: what the generated operators compute with where none of their kernels runs.

A value once a window has the output's shape (N, C, *O); one for each window and tap has the taps in front,
(*K, N, C, *O), so that what is done to taps is done to whole rows; one an element has the input's shape (N, C, *I). Where a
value varies less, these dimensions are 1. Levels are written in words: ``n c out`` is one value an output element, ``c`` one a
channel, ``n c height`` one for each row of each sample and channel.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, reduce
from itertools import product as places
from math import inf, prod

import torch
from torch import Tensor

from . import philox
from .geometry import Geometry

_names = ("depth", "height", "width")
_draw: dict[str, Callable[[int, Tensor, int], Tensor]] = {"normal": philox.normal, "uniform": philox.uniform}


def softplus(value: Tensor) -> Tensor:
    """log(1 + exp(value)), to the last digit on both sides."""
    return torch.logaddexp(value, torch.zeros((), dtype=value.dtype, device=value.device))


class Windows:
    """All windows over an input.

    Args:
        geometry: how they lie.
        shape: the input's, (N, C, *I).
        like: a tensor of the type that is computed in, where it is computed.
        seed: the key of random values; needed where some are drawn.
    """

    def __init__(self, geometry: Geometry, shape: torch.Size, like: Tensor, seed: int = 0) -> None:
        self.geometry = geometry
        self.batch = tuple(shape[:2])
        self.extents = tuple(shape[2:])
        self.out_extents = tuple(geometry.out_extents(self.extents))
        self.dims = len(self.extents)
        self.like = like
        self.seed = seed
        self._tap_dims = tuple(range(self.dims))

    # Where windows lie, dimension by dimension.

    def _arange(self, n: int) -> Tensor:
        return torch.arange(n, device=self.like.device)

    def _outputs(self, d: int, values: Tensor) -> Tensor:
        """Values of a dimension's windows, (O,), as they stand beside others: (1, 1, 1, O, 1)."""
        return values.reshape(1, 1, *(values.numel() if at == d else 1 for at in range(self.dims)))

    @cached_property
    def _starts(self) -> list[Tensor]:
        """The element of each window's first tap; before the input, it is negative."""
        g = self.geometry
        if g.is_adaptive:
            return [self._outputs(d, self._arange(o) * i // o) for d, (o, i) in enumerate(zip(self.out_extents, self.extents))]
        return [self._outputs(d, self._arange(o) * g.stride[d] - g.low[d]) for d, o in enumerate(self.out_extents)]

    @cached_property
    def _widths(self) -> list[Tensor]:
        """The taps of each window."""
        if not self.geometry.is_adaptive:
            return [torch.full_like(start, k) for start, k in zip(self._starts, self.geometry.kernel)]
        ends = [-((self._arange(o) + 1) * i // -o) for o, i in zip(self.out_extents, self.extents)]
        return [self._outputs(d, end) - start for d, (end, start) in enumerate(zip(ends, self._starts))]

    @cached_property
    def kernel(self) -> tuple[int, ...]:
        """The taps of the largest window."""
        return tuple(int(width.max()) for width in self._widths) if self.geometry.is_adaptive else self.geometry.kernel

    @cached_property
    def _dilation(self) -> tuple[int, ...]:
        return (1,) * self.dims if self.geometry.is_adaptive else self.geometry.dilation

    def _along(self, d: int) -> Tensor:
        """The taps of a dimension, from 0: (1, K, 1, 1, 1, 1)."""
        return self._arange(self.kernel[d]).reshape(
            *(self.kernel[at] if at == d else 1 for at in range(self.dims)), *[1] * (2 + self.dims)
        )

    @cached_property
    def _reads(self) -> list[Tensor]:
        """Whether a tap of a window reads an element, dimension by dimension."""
        made = []
        for d, extent in enumerate(self.extents):
            tap = self._along(d)
            element = self._starts[d] + tap * self._dilation[d]
            made.append((tap < self._widths[d]) & (element >= 0) & (element < extent))
        return made

    @cached_property
    def valid(self) -> Tensor | None:
        """Which taps read an element; None where all do."""
        if all(bool(reads.all()) for reads in self._reads):
            return None
        return reduce(torch.logical_and, self._reads)

    def _counted(self, along: list[Tensor]) -> Tensor:
        """The product of how many taps are marked along each dimension."""
        counts = [marks.sum(self._tap_dims) for marks in along]
        return reduce(torch.mul, counts).to(self.like.dtype)

    # What a formula asks of the geometry.

    @cached_property
    def count(self) -> Tensor:
        """Taps that read an element."""
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
        elements = [self._starts[d] + self._along(d) * self._dilation[d] for d in range(self.dims)]
        return self._counted([e < extent + high for e, extent, high in zip(elements, self.extents, g.high)]).clamp(min=1)

    @cached_property
    def tap(self) -> Tensor:
        """The number of each tap, row-major over its own window."""
        return reduce(lambda number, d: number * self._widths[d] + self._along(d), range(1, self.dims), self._along(0))

    def flat_index(self, tap: Tensor) -> Tensor:
        """The offset in the input's plane of one tap of each window; -1 stays -1."""
        rest, offset, step = tap, torch.zeros_like(tap), 1
        for d in reversed(range(self.dims)):
            element = self._starts[d] + rest % self._widths[d] * self._dilation[d]
            offset, step, rest = offset + element * step, step * self.extents[d], rest // self._widths[d]
        return torch.where(tap < 0, -1, offset)

    def number(self, value: float) -> Tensor:
        """A constant as a tensor."""
        return torch.full((), value, dtype=self.like.dtype, device=self.like.device)

    def real(self, integer: Tensor) -> Tensor:
        """An integer as a number of the type that is computed in."""
        return integer.to(self.like.dtype)

    # From elements to taps, and back.

    def taps(self, value: Tensor) -> Tensor:
        """What each tap reads of a value an element; 0 where it reads none."""
        value = value.expand(*value.shape[:2], *self.extents)
        spread = self._adaptive_taps(value) if self.geometry.is_adaptive else self._sliding_taps(value)
        windows, taps = range(2, 2 + self.dims), range(2 + self.dims, 2 + 2 * self.dims)
        return spread.permute(*taps, 0, 1, *windows).contiguous()

    def _sliding_taps(self, value: Tensor) -> Tensor:
        g = self.geometry
        # What lies beyond the last window is left out, or comes in as padding.
        beyond = [self._span(d) - g.low[d] - extent for d, extent in enumerate(self.extents)]
        around = [side for d in reversed(range(self.dims)) for side in (g.low[d], beyond[d])]
        value = torch.nn.functional.pad(value, around)
        for d in range(self.dims):
            value = value.unfold(2 + d, g.reach(d), g.stride[d])[..., :: g.dilation[d]]
        return value

    def _span(self, d: int) -> int:
        """The elements from the first window's first tap to the last window's last."""
        return (self.out_extents[d] - 1) * self.geometry.stride[d] + self.geometry.reach(d)

    def _adaptive_taps(self, value: Tensor) -> Tensor:
        for d, extent in enumerate(self.extents):
            elements = (self._starts[d].flatten()[:, None] + self._arange(self.kernel[d])).clamp(max=extent - 1)
            value = value.index_select(2 + d, elements.flatten()).unflatten(2 + d, elements.shape).movedim(3 + d, -1)
        return value

    def covers(self, value: Tensor) -> Tensor:
        """The sum of what all windows have for an element: the transpose of :meth:`taps`."""
        value = value.expand(*self.kernel, *self.batch, *self.out_extents)
        fold = self._fold_adaptive if self.geometry.is_adaptive else self._fold_sliding
        for d in reversed(range(self.dims)):
            value = fold(value, d)
        return value

    def _fold_sliding(self, value: Tensor, d: int) -> Tensor:
        """The taps of the last dimension that still has some are added up: (K, ..., O, ...) to (..., I, ...)."""
        g, at = self.geometry, 2 + d + d
        taps, outputs, stride, dilation = self.kernel[d], self.out_extents[d], g.stride[d], g.dilation[d]
        value = value.movedim(d, 0)
        span = max(self._span(d), g.low[d] + self.extents[d])
        sums = value.new_zeros(*value.shape[1 : 1 + at], span, *value.shape[2 + at :])
        # By taps or by windows, whichever are fewer: each way adds in a fixed order.
        if taps <= outputs:
            for t in range(taps):
                begin = t * dilation
                self._slice(sums, at, begin, begin + (outputs - 1) * stride + 1, stride).add_(value[t])
        else:
            ordered = value.movedim(0, at)
            for o in range(outputs):
                begin = o * stride
                self._slice(sums, at, begin, begin + (taps - 1) * dilation + 1, dilation).add_(ordered.select(at + 1, o))
        return sums.narrow(at, g.low[d], self.extents[d])

    def _fold_adaptive(self, value: Tensor, d: int) -> Tensor:
        at = 2 + d + d
        value = value.movedim(d, 0)
        sums = value.new_zeros(*value.shape[1 : 1 + at], self.extents[d], *value.shape[2 + at :])
        ordered = value.movedim(0, at)
        for o, (start, width) in enumerate(zip(self._starts[d].flatten().tolist(), self._widths[d].flatten().tolist())):
            sums.narrow(at, start, width).add_(ordered.select(at + 1, o).narrow(at, 0, width))
        return sums

    @staticmethod
    def _slice(tensor: Tensor, dim: int, begin: int, end: int, step: int) -> Tensor:
        return tensor[(*[slice(None)] * dim, slice(begin, end, step))]

    # Over taps.

    def _kept(self, value: Tensor, beyond: float | bool) -> Tensor:
        """A value of each window and tap; where a tap reads nothing, another."""
        if value.dim() < 2 + self.dims:
            value = value.reshape([1] * (2 + self.dims))
        spread = value.expand(*self.kernel, *value.shape[-2 - self.dims :])
        return spread if self.valid is None else torch.where(self.valid, spread, beyond)

    def sum(self, value: Tensor) -> Tensor:
        return self._kept(value, 0.0).sum(self._tap_dims)

    def max(self, value: Tensor) -> Tensor:
        """The greatest; NaN where there is one, -inf where no tap reads."""
        return self._kept(value, -inf).amax(self._tap_dims)

    def min(self, value: Tensor) -> Tensor:
        return self._kept(value, inf).amin(self._tap_dims)

    def argmax(self, value: Tensor) -> Tensor:
        """The tap of the greatest: the first of equal ones, the last NaN; -1 where no tap reads."""
        value = self._kept(value, -inf)
        return self._place(value, torch.gt) if self._is_small else self._found(value, value.amax(self._tap_dims))

    def argmin(self, value: Tensor) -> Tensor:
        value = self._kept(value, inf)
        return self._place(value, torch.lt) if self._is_small else self._found(value, value.amin(self._tap_dims))

    @property
    def _is_small(self) -> bool:
        """Whether taps are few enough to be gone through one by one, which costs a tenth of a search over all."""
        return prod(self.kernel) <= 64

    def _place(self, value: Tensor, beats: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """The definition: a tap takes the place when it beats the best so far, when it is NaN, and when it is the first."""
        best, place = None, None
        for tap in places(*(range(k) for k in self.kernel)):
            candidate, number = value[tap], self.tap[tap]
            reads = None if self.valid is None else self.valid[tap]
            if best is None or place is None:
                best = candidate
                place = (
                    number.expand(candidate.shape) if reads is None else torch.where(reads, number, -1).expand(candidate.shape)
                )
                continue
            wins = beats(candidate, best) | (candidate != candidate)
            if reads is not None:
                wins = (wins | (place < 0)) & reads
            best, place = torch.where(wins, candidate, best), torch.where(wins, number, place)
        assert place is not None
        return place

    def _found(self, value: Tensor, best: Tensor) -> Tensor:
        """The same by one search over all taps."""
        is_nan = value.isnan()
        has_nan = is_nan.any(self._tap_dims)
        wins = torch.where(has_nan, is_nan, self._kept(value == best, False))
        first = torch.where(wins, self.tap, torch.iinfo(torch.int64).max).amin(self._tap_dims)
        last = torch.where(wins, self.tap, -1).amax(self._tap_dims)
        return torch.where(has_nan | (last < 0), last, first)

    # Over samples, channels and places.

    def shape(self, level: str) -> tuple[int, ...]:
        """The dimensions of a value of a level, spread over all that it varies with."""
        words = level.split()
        batch = (self.batch[0] if "n" in words else 1, self.batch[1] if "c" in words else 1)
        if "in" in words:
            return (*batch, *self.extents)
        here = _names[3 - self.dims :]
        outputs = tuple(o if "out" in words or here[d] in words else 1 for d, o in enumerate(self.out_extents))
        return (*self.kernel, *batch, *outputs) if "tap" in words else (*batch, *outputs)

    def total(self, value: Tensor, over: str, to: str) -> Tensor:
        """The sum over all that ``over`` varies with and ``to`` does not; of taps, over those that read an element."""
        if "tap" in to.split():
            value = self._kept(value.expand(*value.shape[: value.dim() - 2 - self.dims], *self.shape(over)), 0.0)
            return value.sum(tuple(range(self.dims, value.dim())), keepdim=True)
        wanted = self.shape(to)
        value = value.expand(self.shape(over))
        # A place that `to` lacks is summed along each of its dimensions.
        axes = [d for d in range(value.dim()) if value.shape[d] != wanted[d] or wanted[d] == 1]
        return value.sum(axes, keepdim=True) if axes else value

    # Random values.

    def random(self, kind: str, stream: int, level: str) -> Tensor:
        """Drawn values of a level: numbered row-major and channels first over what varies, taps last."""
        shape = self.shape(level)
        by_taps = len(shape) > 2 + self.dims
        counted = (*shape[self.dims :], *shape[: self.dims]) if by_taps else shape
        total = 1
        for size in counted:
            total *= size
        values = _draw[kind](self.seed, self._arange(total).reshape(counted), stream).to(self.like.dtype)
        return values.permute(*range(2 + self.dims, 2 + 2 * self.dims), *range(2 + self.dims)) if by_taps else values
