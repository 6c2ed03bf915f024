"""The kernels that were exported for an operator: plain data, beside their texts, and the way to those that a call needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple, TypedDict


class Level(TypedDict):
    """What a value varies with: sample, channel, and a place; ``dims`` has a bit for each output dimension."""

    n: bool
    c: bool
    place: str
    dims: int


class Counted(TypedDict):
    """Items along one dimension: its extent and some more, divided and rounded up."""

    of: str
    plus: int
    per: int


class WarpsOf(TypedDict):
    """The warps that stand in a plane: ``each`` for every ``per`` items of it."""

    items: list[Counted]
    per: int
    each: int


class Buffer(TypedDict):
    """A tensor of the operator's, or what its kernels hand to one another."""

    name: str
    role: str
    level: Level


class _Array(TypedDict):
    holds: str
    buffer: Buffer
    element: str


class Array(_Array, total=False):
    """An array that a kernel is handed, of elements of the tensors' type (``storage``), ``real`` numbers or ``int``."""

    warpsOf: WarpsOf


class Number(TypedDict):
    """A number that a kernel is handed, ``int`` or ``unsigned``."""

    name: str
    type: str


class Planes(TypedDict):
    """Whole planes that a block takes into shared memory, of so many bytes a point."""

    count: int
    bytes: int


class _Launch(TypedDict):
    threads: int
    lanes: int
    items: list[Counted] | Level


class Launch(_Launch, total=False):
    """With how many threads a kernel is launched: ``lanes`` of them an item, along the dimensions or of a level."""

    channels: int
    multiple: int
    planes: Planes


class Kernel(TypedDict):
    """A kernel of a source: its parameters are the arrays, then the numbers."""

    name: str
    arrays: list[Array]
    numbers: list[Number]
    launch: Launch


@dataclass(frozen=True, eq=False)
class Source:
    """A CUDA text, the kinds of launches that it is for, and its kernels in the order in which they are launched."""

    file: Path
    variants: list[dict[str, bool]]
    multiples: dict[str, int]
    kernels: list[Kernel]

    @cached_property
    def text(self) -> bytes:
        return self.file.read_bytes()


@dataclass(frozen=True, eq=False)
class Entry:
    """The kernels for calls of one kind, each direction."""

    operator: str
    geometry: str
    dtype: str
    layout: str
    attrs: Mapping[str, float]
    hand_in: frozenset[str]
    forward: tuple[Source, ...]
    backward: tuple[Source, ...]


class UnknownKernelError(ValueError):
    """A call for which no kernel was exported: the message names what was asked for, what there is, and the command to run."""


class UnknownGeometryError(UnknownKernelError):
    """Windows for which no kernel was exported."""


class _Asked(NamedTuple):
    """What an entry is looked up by."""

    geometry: str
    dtype: str
    layout: str
    attrs: frozenset[tuple[str, float]]
    hand_in: frozenset[str]


def _pairs(attrs: Mapping[str, float]) -> frozenset[tuple[str, float]]:
    return frozenset((name, float(value)) for name, value in attrs.items())


def _spelled(attrs: Iterable[tuple[str, float]]) -> str:
    return " ".join(f"{name}={value!r}" for name, value in sorted(attrs)) or "none"


def _flags(attrs: Iterable[tuple[str, float]]) -> str:
    return " ".join(f"--attr {name}={value!r}" for name, value in sorted(attrs))


def _listed(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values)) or "none"


def _names_of(geometry: str) -> tuple[str, ...]:
    """The keys of the same windows: one window over everything goes by two."""
    sizes = geometry.removeprefix("adaptive").removesuffix("-1d").split("x")
    return (geometry, f"global{len(sizes)}d") if all(size == "1" for size in sizes) else (geometry,)


@dataclass(frozen=True, eq=False)
class Manifest:
    """All kernels of one operator."""

    operator: str
    entries: tuple[Entry, ...]
    # What wrote the package.
    command: str

    @staticmethod
    def read(folder: Path, name: str) -> Manifest:
        """Reads ``NAME.json`` of a folder; its texts are in the folder ``NAME``, and are read when they are needed.

        Raises:
            OSError: where the file is missing or cannot be read; ValueError where it is no manifest.
        """
        told = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))

        def sources(direction: list[dict]) -> tuple[Source, ...]:
            return tuple(
                Source(folder / name / one["file"], one["variants"], one["multiples"], one["kernels"]) for one in direction
            )

        entries = tuple(
            Entry(
                told["operator"],
                one["geometry"],
                one["dtype"],
                one["layout"],
                one["attrs"],
                frozenset(one["hand_in"]),
                sources(one["forward"]),
                sources(one["backward"]),
            )
            for one in told["kernels"]
        )
        return Manifest(told["operator"], entries, told["command"])

    @cached_property
    def _index(self) -> dict[_Asked, Entry]:
        return {_Asked(one.geometry, one.dtype, one.layout, _pairs(one.attrs), one.hand_in): one for one in self.entries}

    def find(self, *, geometry: str, dtype: str, layout: str, attrs: Mapping[str, float], hand_in: Iterable[str] = ()) -> Entry:
        """The kernels for a call.

        ``geometry`` is a key of ``geometry_key``, ``dtype`` one of float32, float64, float16 and bfloat16, ``layout``
        channels-first or channels-last. ``hand_in`` names the declared random values that the call hands in, all or none.

        Raises:
            UnknownGeometryError: where there are no kernels for these windows.
            UnknownKernelError: where there are some, but of another type or layout, or with other attributes.
        """
        asked = _Asked(geometry, dtype, layout, _pairs(attrs), frozenset(hand_in))
        for name in _names_of(geometry):
            found = self._index.get(asked._replace(geometry=name))
            if found is not None:
                return found
        raise self._missing(asked)

    def _missing(self, asked: _Asked) -> UnknownKernelError:
        """What to say where there is no entry: the first thing that none of those has that have all before it."""
        left = [one for one in self.entries if one.geometry in _names_of(asked.geometry)]
        here = f"{self.operator} has no CUDA kernel for the geometry {asked.geometry}"
        command = f"Export the package again, with it: {self.command} --geometry {asked.geometry}"
        if not left:
            return UnknownGeometryError(f"{here}: there are {_listed(one.geometry for one in self.entries)}. {command}")
        for what, wanted, of, flags in (
            ("type", asked.dtype, lambda one: one.dtype, f"--dtype {asked.dtype}"),
            ("layout", asked.layout, lambda one: one.layout, f"--layout {asked.layout}"),
            ("attributes", _spelled(asked.attrs), lambda one: _spelled(_pairs(one.attrs)), _flags(asked.attrs)),
        ):
            if all(of(one) != wanted for one in left):
                there = _listed(map(of, left))
                return UnknownKernelError(f"{here} with the {what} {wanted}: there are {there}. {command} {flags}")
            left = [one for one in left if of(one) == wanted]
        return UnknownKernelError(f"{here} with {_listed(sorted(asked.hand_in))} handed in: hand in all random values or none")


@cache
def manifest_of(operator: str) -> Manifest:
    """The manifest of an operator of this package, by the name of its module (``isp_gaussian``).

    Raises:
        UnknownKernelError: where the package holds no kernels of it.
    """
    try:
        return Manifest.read(Path(__file__).parent / "kernels", operator)
    except FileNotFoundError as error:
        raise UnknownKernelError(
            f"this package holds no CUDA kernels of {operator}: export it with the windows that you need, as in "
            f"npx poolwright export torch {operator.replace('_', '-')} --geometry k3s2p1"
        ) from error
