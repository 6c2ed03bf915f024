"""The windows of one call in plain PyTorch: what the generated operators compute with where none of their kernels runs.

A value once a window has the output's shape (N, C, *O); one for each window and tap has the taps in front,
(*K, N, C, *O), so that what is done to taps is done to whole rows; one an element has the input's shape (N, C, *I). Where a
value varies less, these dimensions are 1. Levels are written in words: ``n c out`` is one value an output element, ``c`` one a
channel, ``n c height`` one for each row of each sample and channel.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import product
from math import inf, prod

import torch
from torch import Tensor

from . import philox
from .geometry import Geometry
from .lattice import Lattice

_names = ("depth", "height", "width")
_draw: dict[str, Callable[[int, Tensor, int], Tensor]] = {"normal": philox.normal, "uniform": philox.uniform}


def softplus(value: Tensor) -> Tensor:
    """log(1 + exp(value)), to the last digit on both sides."""
    return torch.logaddexp(value, torch.zeros((), dtype=value.dtype, device=value.device))


class Windows(Lattice):
    """All windows over an input, and what is computed with them.

    Args:
        geometry: how they lie.
        shape: the input's, (N, C, *I).
        like: a tensor of the type that is computed in, where it is computed.
        seed: the key of random values; needed where some are drawn.
    """

    def __init__(self, geometry: Geometry, shape: torch.Size, like: Tensor, seed: int = 0) -> None:
        super().__init__(geometry, shape, like)
        self.seed = seed

    # From elements to taps, and back.

    def taps(self, value: Tensor) -> Tensor:
        """What each tap reads of a value an element; where it reads none, any number."""
        value = value.expand(*value.shape[:2], *self.extents)
        return self._adaptive_taps(value) if self.geometry.is_adaptive else self._sliding_taps(value)

    def _sliding_taps(self, value: Tensor) -> Tensor:
        g = self.geometry
        # What lies beyond the last window is left out, or comes in as padding.
        beyond = [self._span(d) - g.low[d] - extent for d, extent in enumerate(self.extents)]
        around = [side for d in reversed(range(self.dims)) for side in (g.low[d], beyond[d])]
        value = torch.nn.functional.pad(value, around)
        for d in range(self.dims):
            value = value.unfold(2 + d, g.reach(d), g.stride[d])[..., :: g.dilation[d]]
        windows, taps = range(2, 2 + self.dims), range(2 + self.dims, 2 + 2 * self.dims)
        return value.permute(*taps, 0, 1, *windows).contiguous()

    def _span(self, d: int) -> int:
        """The elements from the first window's first tap to the last window's last."""
        return (self.out_extents[d] - 1) * self.geometry.stride[d] + self.geometry.reach(d)

    @cached_property
    def _adaptive_elements(self) -> Tensor:
        """The element of each tap of each window as one number: for all taps, since a window's numbers begin again."""
        return self.flat_index(self.tap).flatten()

    def _adaptive_taps(self, value: Tensor) -> Tensor:
        read = value.flatten(2)[:, :, self._adaptive_elements].unflatten(2, (self.kernel[0], *self.out_extents))
        return read.movedim(2, 0).reshape(*self.kernel, *value.shape[:2], *self.out_extents)

    def covers(self, value: Tensor) -> Tensor:
        """The sum of what all windows have for an element: the transpose of :meth:`taps`."""
        if self.geometry.is_adaptive:
            given = self._kept(value, 0.0).expand(*self.kernel, *self.batch, *self.out_extents).flatten(0, self.dims - 1)
            sums = given.new_zeros(*self.batch, prod(self.extents))
            return sums.index_add_(2, self._adaptive_elements, given.movedim(0, 2).flatten(2)).unflatten(2, self.extents)
        value = value.expand(*self.kernel, *self.batch, *self.out_extents)
        for d in reversed(range(self.dims)):
            value = self._folded(value, d)
        return value

    def _folded(self, value: Tensor, d: int) -> Tensor:
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
        return self._kept(value, 0.0).sum(self.tap_dims)

    def max(self, value: Tensor) -> Tensor:
        """The greatest; NaN where there is one, -inf where no tap reads."""
        return self._kept(value, -inf).amax(self.tap_dims)

    def min(self, value: Tensor) -> Tensor:
        return self._kept(value, inf).amin(self.tap_dims)

    def argmax(self, value: Tensor) -> Tensor:
        """The tap of the greatest: the first of equal ones, the last NaN; -1 where no tap reads."""
        value = self._kept(value, -inf)
        return self._place(value, torch.gt) if self._is_small else self._found(value, value.amax(self.tap_dims))

    def argmin(self, value: Tensor) -> Tensor:
        value = self._kept(value, inf)
        return self._place(value, torch.lt) if self._is_small else self._found(value, value.amin(self.tap_dims))

    @property
    def _is_small(self) -> bool:
        """Whether taps are few enough to be gone through one by one, which costs a tenth of a search over all."""
        return prod(self.kernel) <= 64

    def _place(self, value: Tensor, beats: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """The definition: a tap takes the place when it is the first, when it beats the best so far, and when it is NaN."""
        taps = list(product(*(range(k) for k in self.kernel)))
        best = value[taps[0]]
        place = torch.full(best.shape, -1, device=best.device)
        for tap in taps:
            wins = (place < 0) | beats(value[tap], best) | value[tap].isnan()
            if self.valid is not None:
                wins &= self.valid[tap]
            best, place = torch.where(wins, value[tap], best), torch.where(wins, self.tap[tap], place)
        return place

    def _found(self, value: Tensor, best: Tensor) -> Tensor:
        """The same by one search over all taps."""
        is_nan = value.isnan()
        has_nan = is_nan.any(self.tap_dims)
        wins = torch.where(has_nan, is_nan, self._kept(value == best, False))
        first = torch.where(wins, self.tap, torch.iinfo(torch.int64).max).amin(self.tap_dims)
        last = torch.where(wins, self.tap, -1).amax(self.tap_dims)
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
        shape = self.shape(to)
        if "tap" in to.split() and "tap" not in over.split():
            taps = value.shape[: max(value.dim() - 2 - self.dims, 0)]
            value = self._kept(value.expand(*taps, *self.shape(over)), 0.0)
        else:
            value = value.expand(self.shape(over))
        # Taps that `to` lacks stand in front.
        front = value.dim() - len(shape)
        axes = [*range(front), *(front + d for d, size in enumerate(shape) if size == 1)]
        return value.sum(axes, keepdim=True).reshape(shape) if axes else value

    # Values that a user hands in, and random ones.

    def taps_first(self, value: Tensor) -> Tensor:
        """A value as a formula has it, from one as it is handed in: of the kernel's shape, or (N, C, *O, *K)."""
        if value.dim() == self.dims:
            return value.reshape(self.shape("tap"))
        windows = range(2 + self.dims)
        return value.permute(*range(2 + self.dims, value.dim()), *windows) if value.dim() > 2 + self.dims else value

    def taps_last(self, value: Tensor) -> Tensor:
        """The way back; one value a tap is (1, 1, 1..., *K)."""
        taps = range(value.dim() - 2 - self.dims)
        return value.permute(*range(len(taps), value.dim()), *taps)

    def random(self, kind: str, stream: int, level: str) -> Tensor:
        """Drawn values of a level: numbered row-major and channels first over what varies, taps last."""
        shape = self.shape(level)
        taps = len(shape) - 2 - self.dims
        counted = (*shape[taps:], *shape[:taps])
        index = torch.arange(prod(counted), device=self.like.device).reshape(counted)
        return self.taps_first(_draw[kind](self.seed, index, stream).to(self.like.dtype))
