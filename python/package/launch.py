"""Runs exported kernels on tensors of a CUDA device, on the stream that PyTorch is at.

    entry = manifest_of("gaussian").find(geometry="k3x3-s2x2-p1x1", dtype="float32", layout="channels-first", attrs={"eps": 1e-6})
    run(entry, "forward", {"input x": x, "param weight": weight, "result y": y}, sizes, seed=0)

A text is compiled when it is first needed, by NVRTC, and kept on the disk; loaded it stays for the life of the process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from .binaries import compiled
from .device import Device, Module, device_of
from .manifest import Entry, Source
from .plan import Argument, Sizes, choose, plan

__all__ = ["Sizes", "choose", "plan", "run"]

_loaded: dict[tuple[Device, Source], Module] = {}
_loading = threading.Lock()

# What is widest among vectors: memory of torch's own begins at a multiple of more.
_MOST_ALIGNED = 8


def _module(device: Device, source: Source) -> Module:
    key = (device, source)
    known = _loaded.get(key)
    if known is not None:
        return known
    with _loading:
        if key not in _loaded:
            _loaded[key] = device.load(compiled(source.text, source.file.name, device.arch), source.file.name)
        return _loaded[key]


def _aligned_to(tensors: Iterable[Tensor]) -> int:
    """The elements, up to the widest vector's, that every tensor begins at a multiple of."""
    aligned = _MOST_ALIGNED
    for tensor in tensors:
        while tensor.data_ptr() % (aligned * tensor.element_size()) != 0:
            aligned //= 2
    return aligned


def run(
    entry: Entry,
    direction: str,
    tensors: Mapping[str, Tensor],
    sizes: Sizes,
    seed: int,
    device: Device | None = None,
) -> None:
    """Launches the kernels of one direction, ``"forward"`` or ``"backward"``, and returns before they have run.

    ``tensors`` holds all that they read and write, by role and name: ``"input x"``, ``"tensor l"``, ``"param weight"``,
    ``"noise noise"``, ``"cotangent y"``, ``"result y"``, ``"gradient x"``. The input, further tensors, results, their cotangents
    and gradients lie dense in the entry's layout; parameters, random values and parameters' gradients are contiguous, of float32
    (of float64 where the input is). A parameter's last dimensions of 1 are of no account. Integer results are int32. ``seed`` is
    an integer of 64 bits. ``device`` is that of the tensors.

    Raises:
        NvrtcMissingError, CompileError: where the text cannot be compiled; DriverError for what the driver refuses.
    """
    dense = next(iter(tensors.values()))
    device = device_of(dense.device) if device is None else device
    sources = entry.forward if direction == "forward" else entry.backward
    source = choose(sources, sizes, _aligned_to(tensors.values()), device.shared_per_block)
    launches = plan(source, sizes)
    if not launches:
        return
    storage = getattr(torch, entry.dtype)
    types = {"storage": storage, "real": torch.float64 if storage == torch.float64 else torch.float32, "int": torch.int32}
    halves = {"seedLow": seed & 0xFFFFFFFF, "seedHigh": seed >> 32 & 0xFFFFFFFF}
    module = _module(device, source)
    # PyTorch gives the memory to other work of the same stream only, so that it may go as soon as all is enqueued.
    scratch: dict[str, Tensor] = {}

    def pointer(array: Argument) -> int:
        if array.is_scratch and array.key not in scratch:
            scratch[array.key] = torch.empty(array.elements, dtype=types[array.element], device=dense.device)
        return (scratch if array.is_scratch else tensors)[array.key].data_ptr()

    # All memory is taken before the context is entered: PyTorch keeps its own count of which GPU it is on.
    pointers = [[pointer(one) for one in launch.arrays] for launch in launches]
    with device.current() as stream:
        for launch, arrays in zip(launches, pointers, strict=True):
            numbers = [(kind, halves[value] if isinstance(value, str) else value) for kind, value in launch.numbers]
            module.launch(launch.kernel, launch.blocks, launch.threads, launch.shared_bytes, stream, arrays, numbers)
