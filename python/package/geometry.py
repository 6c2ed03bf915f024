"""The geometry of pooling: what a call asks for, checked and spelled out, one number for each spatial dimension.

Rules and words are PyTorch's (aten/src/ATen/native/Pool.h); the one widening is padding, which may differ on the two sides
of a dimension and reach half of the dilated kernel.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from .geometry_key import geometry_key

PerDim: TypeAlias = int | Sequence[int]
Padding: TypeAlias = int | Sequence[int | Sequence[int]]


class GeometryError(ValueError):
    """Windows that cannot be, or do not fit the input: the message names the rule, the value and the remedy."""


def _integer(name: str, value: object) -> int:
    try:
        return operator.index(value)
    except TypeError as error:
        raise GeometryError(f"{name} is made of integers, but has {value!r}") from error


def _per_dim(name: str, value: PerDim, dims: int) -> tuple[int, ...]:
    given = tuple(value) if isinstance(value, Iterable) else (value,) * dims
    values = tuple(_integer(name, one) for one in given)
    if len(values) != dims:
        raise GeometryError(
            f"{name} has {len(values)} numbers, but the input has {dims} spatial dimensions: give {dims}, or one for all"
        )
    for one in values:
        if one < 1:
            raise GeometryError(f"{name} must be an integer of at least 1, but is {one}")
    return values


def _sides(padding: Padding, dims: int) -> tuple[tuple[int, int], ...]:
    given = tuple(padding) if isinstance(padding, Iterable) else (padding,) * dims
    if len(given) != dims:
        raise GeometryError(
            f"padding has {len(given)} entries, but the input has {dims} spatial dimensions: give {dims}, or one for all"
        )
    sides = [tuple(side) if isinstance(side, Iterable) else (side, side) for side in given]
    if any(len(side) != 2 for side in sides):
        raise GeometryError(f"padding has an integer for each dimension, or two, before and behind it; but it is {padding!r}")
    return tuple((_integer("padding", low), _integer("padding", high)) for low, high in sides)


@dataclass(frozen=True)
class Geometry:
    """Sliding windows, or adaptive ones where ``output_size`` is there; then the rest is empty.

    Window ``o`` of a dimension reads the elements ``o * stride - low + t * dilation``, one a tap ``t``; an adaptive one those
    from ``floor(o * extent / outputs)`` up to ``ceil((o + 1) * extent / outputs)``.
    """

    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    low: tuple[int, ...] = ()
    high: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: float | None = None
    output_size: tuple[int, ...] | None = None

    @property
    def is_adaptive(self) -> bool:
        return self.output_size is not None

    @property
    def size(self) -> int:
        """Taps of a full window that slides."""
        return prod(self.kernel)

    @property
    def key(self) -> str:
        """The words that exported kernels are listed by."""
        return geometry_key(
            kernel=self.kernel,
            stride=self.stride,
            low=self.low,
            high=self.high,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
            count_include_pad=self.count_include_pad,
            divisor_override=self.divisor_override,
            output_size=self.output_size,
        )

    def out_extents(self, extents: Sequence[int]) -> list[int]:
        """The spatial extents of the output. Extents may be symbols of ``torch.compile``.

        Raises:
            GeometryError: where a window does not fit.
        """
        if self.output_size is not None:
            if any(extent < 1 for extent in extents):
                raise GeometryError(f"adaptive windows need extents of at least 1, but the input has {tuple(extents)}")
            return list(self.output_size)
        return [self._outputs(d, extent) for d, extent in enumerate(extents)]

    def _outputs(self, d: int, extent: int) -> int:
        stride, low, reach = self.stride[d], self.low[d], self.reach(d)
        room = extent + low + self.high[d] - reach
        windows = (room + (stride - 1 if self.ceil_mode else 0)) // stride + 1
        # A window that is cut short must not begin beyond the input and the padding before it.
        if self.ceil_mode and (windows - 1) * stride >= extent + low:
            windows -= 1
        if windows < 1:
            raise GeometryError(
                f"a window of {reach} (kernel {self.kernel[d]}, dilation {self.dilation[d]}) does not fit an extent of {extent} "
                f"with padding {low} and {self.high[d]}: use a smaller kernel or more padding"
            )
        return windows

    def reach(self, d: int) -> int:
        """The elements from a window's first tap to its last."""
        return (self.kernel[d] - 1) * self.dilation[d] + 1


def geometry(
    dims: int,
    kernel_size: PerDim | None,
    stride: PerDim | None = None,
    padding: Padding = 0,
    dilation: PerDim = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: float | None = None,
    output_size: PerDim | None = None,
) -> Geometry:
    """Checks what a call asks for. Give ``kernel_size``, or ``output_size`` for adaptive windows (1: one window over all).

    Raises:
        GeometryError: for what cannot be.
    """
    if not 1 <= dims <= 3:
        raise GeometryError(f"pooling has 1, 2 or 3 spatial dimensions, but the input has {dims}: it is (N, C, spatial...)")
    if output_size is not None:
        if (
            kernel_size is not None
            or stride is not None
            or padding != 0
            or dilation != 1
            or ceil_mode
            or divisor_override is not None
        ):
            raise GeometryError(
                "with output_size the windows follow from the input's extents: leave out what says how they slide"
            )
        return Geometry(output_size=_per_dim("output_size", output_size, dims))
    if kernel_size is None:
        raise GeometryError("the windows are unknown: give kernel_size, or output_size for adaptive windows")
    if divisor_override is not None and divisor_override == 0:
        raise GeometryError("divisor_override must be another number than 0; leave it out to divide by the taps")
    kernel = _per_dim("kernel_size", kernel_size, dims)
    sides = _sides(padding, dims)
    made = Geometry(
        kernel=kernel,
        stride=kernel if stride is None else _per_dim("stride", stride, dims),
        low=tuple(low for low, _ in sides),
        high=tuple(high for _, high in sides),
        dilation=_per_dim("dilation", dilation, dims),
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=None if divisor_override is None else float(divisor_override),
    )
    for d, both in enumerate(sides):
        for side in both:
            if not 0 <= side <= made.reach(d) // 2:
                raise GeometryError(
                    f"padding must be from 0 to {made.reach(d) // 2}, half of the {made.reach(d)} elements that a window spans, "
                    f"but is {side}: pad the input beforehand"
                )
    return made
