"""How the kernels of a source are launched, from plain data and sizes: with how many threads, on how much scratch memory.

It is the arithmetic of Poolwright's ``codegen/gpu/launch.ts``, so that a kernel runs here as it does there. Nothing of torch
or of the driver is needed for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from .manifest import Array, Counted, Kernel, Level, Source, WarpsOf
from .manifest import Launch as Shape

# Bit j of a level's dims is the j-th output dimension from the last; all of them, whatever their number.
_ALL_DIMS = 0b111
# The greatest address, or number of a thread, that 32 bits hold.
_MOST_NARROW = 2**31 - 1
# Plans are kept for as many kinds of calls: a network has some tens, and one that is fed images of many sizes some thousands.
_KEPT = 4096


@dataclass(frozen=True)
class Sizes:
    """The sizes of one call: extents of the spatial dimensions, and the taps of a full window.

    ``taps`` is the number of points of the input's plane where windows are adaptive, and so of no one size.
    """

    samples: int
    channels: int
    extents: tuple[int, ...]
    out_extents: tuple[int, ...]
    taps: int


@dataclass(frozen=True)
class Argument:
    """An array that a kernel is handed: a tensor of the call, or scratch memory of so many elements.

    ``key`` is the role and name of a tensor, as in ``"input x"``; kernels of a source that name one scratch memory share it.
    """

    key: str
    is_scratch: bool
    element: str
    elements: int


@dataclass(frozen=True)
class PlannedLaunch:
    """One launch: a kernel by its name, one-dimensional blocks and threads, and what it is handed, arrays first.

    A number is of type ``int`` or ``unsigned``; in place of the seed's halves stand the words ``seedLow`` and ``seedHigh``.
    """

    kernel: str
    blocks: int
    threads: int
    shared_bytes: int
    arrays: tuple[Argument, ...]
    numbers: tuple[tuple[str, int | str], ...]


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def _size_of_level(level: Level, sizes: Sizes) -> int:
    last, dims = len(sizes.out_extents) - 1, level["dims"]
    varying = [size for d, size in enumerate(sizes.out_extents) if dims == _ALL_DIMS or dims & (1 << (last - d))]
    places = {
        "none": 1,
        "tap": sizes.taps,
        "in": prod(sizes.extents),
        "out": prod(varying),
        "window": prod(sizes.out_extents) * sizes.taps,
    }
    return (sizes.samples if level["n"] else 1) * (sizes.channels if level["c"] else 1) * places[level["place"]]


def _places_of(items: Sequence[Counted], sizes: Sizes) -> int:
    extents = {"extents": sizes.extents, "outExtents": sizes.out_extents}
    return prod(_ceil_div(extents[one["of"]][d] + one["plus"], one["per"]) for d, one in enumerate(items))


def _items_of(launch: Shape, sizes: Sizes) -> tuple[int, int]:
    """The items of a launch, as numerator and denominator: some divide planes among blocks that take several."""
    items = launch["items"]
    if isinstance(items, dict):
        return _size_of_level(items, sizes), 1
    multiple, planes = launch.get("multiple", 1), launch.get("planes")
    places = _ceil_div(_places_of(items, sizes), multiple) * multiple
    return sizes.samples * sizes.channels * places, launch.get("channels", 1) * (planes["count"] if planes else 1)


def _blocks_of(launch: Shape, sizes: Sizes) -> int:
    items, of = _items_of(launch, sizes)
    return max(1, _ceil_div(items * launch["lanes"], of * launch["threads"]))


def _shared_bytes_of(launch: Shape, sizes: Sizes) -> int:
    planes = launch.get("planes")
    return planes["count"] * planes["bytes"] * prod(sizes.extents) if planes else 0


def _elements_of(array: Array, sizes: Sizes) -> int:
    warps_of: WarpsOf | None = array.get("warpsOf")
    warps = _ceil_div(_places_of(warps_of["items"], sizes), warps_of["per"]) * warps_of["each"] if warps_of else 1
    return _size_of_level(array["buffer"]["level"], sizes) * warps


def _is_wide(kernels: Sequence[Kernel], sizes: Sizes) -> bool:
    for kernel in kernels:
        launch = kernel["launch"]
        items, of = _items_of(launch, sizes)
        threads = _blocks_of(launch, sizes) * launch["threads"]
        if any(_elements_of(array, sizes) > _MOST_NARROW for array in kernel["arrays"]):
            return True
        if items * launch["lanes"] > _MOST_NARROW * of or threads > _MOST_NARROW:
            return True
    return False


def _fits_vectors(multiples: Mapping[str, int], sizes: Sizes, aligned_to: int) -> bool:
    width, out_width, channels = multiples["width"], multiples["outWidth"], multiples["channels"]
    if width == out_width == channels == 1:
        return True
    are_multiples = sizes.extents[-1] % width == 0 and sizes.out_extents[-1] % out_width == 0 and sizes.channels % channels == 0
    return are_multiples and aligned_to % max(width, channels) == 0


@lru_cache(maxsize=_KEPT)
def choose(sources: tuple[Source, ...], sizes: Sizes, aligned_to: int, shared_per_block: int) -> Source:
    """The source that a call of these sizes runs: the first one, unless something stands against it.

    ``aligned_to`` is the number of elements that every pointer stands at a multiple of, ``shared_per_block`` the bytes of
    shared memory that a block of the device may have.
    """
    usual = sources[0]
    variant = {
        "wide": _is_wide(usual.kernels, sizes),
        "vectors": _fits_vectors(usual.multiples, sizes, aligned_to),
        "staged": all(_shared_bytes_of(kernel["launch"], sizes) <= shared_per_block for kernel in usual.kernels),
    }
    return next(source for source in sources if variant in source.variants)


def _numbers_of(sizes: Sizes) -> dict[str, int | str]:
    names = ["depth", "height", "width"][3 - len(sizes.extents) :]
    return {
        "samples": sizes.samples,
        "channels": sizes.channels,
        "seedLow": "seedLow",
        "seedHigh": "seedHigh",
        **dict(zip(names, sizes.extents)),
        **{f"out{name.capitalize()}": size for name, size in zip(names, sizes.out_extents)},
    }


def _argument_of(array: Array, sizes: Sizes) -> Argument:
    buffer, is_scratch = array["buffer"], array["holds"] != "tensor"
    key = f"{array['holds'] if is_scratch else buffer['role']} {buffer['name']}"
    return Argument(key, is_scratch, array["element"], _elements_of(array, sizes))


@lru_cache(maxsize=_KEPT)
def plan(source: Source, sizes: Sizes) -> tuple[PlannedLaunch, ...]:
    """The launches of a source in their order; those with nothing to do are left out, since a grid has at least one block."""
    numbers = _numbers_of(sizes)
    return tuple(
        PlannedLaunch(
            kernel=kernel["name"],
            blocks=_blocks_of(kernel["launch"], sizes),
            threads=kernel["launch"]["threads"],
            shared_bytes=_shared_bytes_of(kernel["launch"], sizes),
            arrays=tuple(_argument_of(array, sizes) for array in kernel["arrays"]),
            numbers=tuple((one["type"], numbers[one["name"]]) for one in kernel["numbers"]),
        )
        for kernel in source.kernels
        if _items_of(kernel["launch"], sizes)[0] > 0
    )
