"""What a user hands an operator, brought into the one form that its custom operator takes, by operations that PyTorch
differentiates itself: parameters in full shape and in the type that is computed in, seeds in a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.autograd import forward_ad

from .declaration import Declaration
from .geometry import Geometry

Parameter: TypeAlias = Tensor | float
Seed: TypeAlias = Tensor | int | None

_floats = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


class ArgumentError(ValueError):
    """A tensor or a number that an operator cannot take: the message names the value, the rule and the remedy."""


def arithmetic(dtype: torch.dtype) -> torch.dtype:
    """What is computed in, and what parameters are kept in."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def check_tensors(declaration: Declaration, tensors: Sequence[Tensor]) -> None:
    """Refuses an input of no float type, and further tensors that are not like it, or elsewhere."""
    x = tensors[0]
    if x.dtype not in _floats:
        raise ArgumentError(
            f"{declaration.name} takes floats of 16, 32 or 64 bits, but x is {x.dtype}: convert it, as in x.float()"
        )
    for name, one in zip(declaration.tensors[1:], tensors[1:]):
        if one.device != x.device:
            raise ArgumentError(f"{name} is on {one.device}, but x is on {x.device}: move one of them, as in {name}.to(x.device)")
        if one.shape != x.shape or one.dtype != x.dtype:
            raise ArgumentError(
                f"{name} must be of x's shape and type, {tuple(x.shape)} and {x.dtype}, but is {tuple(one.shape)} and {one.dtype}"
            )


def refuse_tangents(declaration: Declaration, values: Sequence[Parameter]) -> None:
    """Refuses what carries a derivative in forward mode, which PyTorch's custom operators would drop without a word."""
    if torch.compiler.is_compiling():
        return
    for one in values:
        if isinstance(one, Tensor) and forward_ad.unpack_dual(one).tangent is not None:
            raise ArgumentError(f"{declaration.name} has no derivative in forward mode: take it in reverse, as backward() does")


def _full_shape(level: str, x: Tensor, geometry: Geometry) -> list[int]:
    """(N, C, *O), with 1 for what a value does not vary with; (N, C, *O, *K) where it varies with taps too."""
    words = level.split()
    outputs = geometry.out_extents(x.shape[2:])
    here = ("depth", "height", "width")[3 - len(outputs) :]
    batch = [x.shape[0] if "n" in words else 1, x.shape[1] if "c" in words else 1]
    if "in" in words:
        return [*batch, *x.shape[2:]]
    varying = [o if "out" in words or here[d] in words else 1 for d, o in enumerate(outputs)]
    return [*batch, *varying, *(geometry.kernel if "tap" in words else ())]


def fitted(name: str, value: Parameter, level: str, x: Tensor, geometry: Geometry) -> Tensor:
    """A parameter in its one shape: short forms, such as (C,) and (N, C), get the dimensions that they lack.

    Raises:
        ArgumentError: for a shape that is neither, nor broadcasts to the full one.
    """
    dtype = arithmetic(x.dtype)
    # A number is made where it is needed: a copy of it from the host would be waited for.
    number = None if isinstance(value, Tensor) else torch.full((), float(value), dtype=dtype, device=x.device)
    tensor = value.to(device=x.device, dtype=dtype) if number is None else number
    if level == "tap":
        if list(tensor.shape) != list(geometry.kernel):
            raise ArgumentError(f"{name} has a number for each tap, {geometry.kernel}, but is {tuple(tensor.shape)}")
        return tensor
    shape = _full_shape(level, x, geometry)
    short = {"": (), "c": (shape[1],), "n": (shape[0],), "n c": (shape[0], shape[1])}.get(level)
    if short is not None and tuple(tensor.shape) == short:
        tensor = tensor.reshape(shape)
    if tensor.dim() == 0:
        tensor = tensor.reshape([1] * len(shape))
    if tensor.dim() != len(shape) or any(have not in (1, want) for have, want in zip(tensor.shape, shape)):
        varies = level or "nothing: it is one number"
        raise ArgumentError(
            f"{name} must be of shape {tuple(shape)} or broadcast to it (it varies with {varies}), but is {tuple(tensor.shape)}"
        )
    return tensor.expand(shape)


def seed_tensor(seed: Seed) -> Tensor:
    """A seed as the custom operator takes it: a number would be compiled in. None draws one, by PyTorch's CPU generator.

    Raises:
        ArgumentError: for a tensor that is no int64 on the CPU, and for a number that is no integer of 64 bits.
    """
    if seed is None:
        return torch.randint(0, 2**63 - 1, (), dtype=torch.int64, device="cpu")
    if isinstance(seed, Tensor):
        if seed.dtype != torch.int64 or seed.numel() != 1 or seed.is_cuda:
            raise ArgumentError(f"a seed is one int64 on the CPU, but this is {seed.numel()} of {seed.dtype} on {seed.device}")
        return seed.reshape(())
    if isinstance(seed, float):
        raise ArgumentError(f"a seed is an integer, but this is {seed}")
    if not -(2**63) <= seed < 2**64:
        raise ArgumentError(f"a seed has 64 bits, but {seed} has more")
    return torch.tensor(seed - 2**64 if seed >= 2**63 else seed, dtype=torch.int64, device="cpu")
