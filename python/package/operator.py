"""An operator as a custom operator of PyTorch: schema, fake kernels, autograd, and which code runs on which device.

The custom operator is opaque to ``torch.compile`` and takes plain arguments: tensors of one shape each, a seed in a tensor on
the CPU (a number would be compiled in), and the geometry in lists. What a user writes is brought into that form before it, by
operations that PyTorch differentiates itself.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Union

import torch
from torch import Tensor

from .declaration import Declaration, level_of
from .geometry import Geometry, geometry
from .launch import Sizes, run
from .manifest import manifest_of
from .windows import Windows

Parameter = Union[Tensor, float]
Seed = Union[Tensor, int, None]
Plain = Callable[..., tuple[Tensor, ...]]

_package = __name__.split(".")[0]
_geometry_schema = (
    "int[] kernel, int[] stride, int[] low, int[] high, int[] dilation, bool ceil_mode, bool count_include_pad, "
    "float? divisor_override, SymInt[]? output_size"
)
_geometry_length = 9
_formats = {4: torch.channels_last, 5: torch.channels_last_3d}


class ArgumentError(ValueError):
    """A tensor or a number that an operator cannot take: the message names the value, the rule and the remedy."""


def memory_format(x: Tensor) -> torch.memory_format:
    """The order in which a tensor lies: channels last only where it lies so and in no other way."""
    last = _formats.get(x.dim())
    return last if last is not None and not x.is_contiguous() and x.is_contiguous(memory_format=last) else torch.contiguous_format


def arithmetic(dtype: torch.dtype) -> torch.dtype:
    """What is computed in, and what parameters are kept in."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def _shape(level: str, x: Tensor, geometry: Geometry) -> list[int]:
    """A parameter's one shape: (N, C, *O) with 1 for what it does not vary with, or that of the kernel."""
    words = level.split()
    if words == ["tap"]:
        return list(geometry.kernel)
    outputs = geometry.out_extents(x.shape[2:])
    here = ("depth", "height", "width")[3 - len(outputs) :]
    batch = [x.shape[0] if "n" in words else 1, x.shape[1] if "c" in words else 1]
    if "in" in words:
        return [*batch, *x.shape[2:]]
    return [*batch, *(o if "out" in words or here[d] in words else 1 for d, o in enumerate(outputs))]


class Operator:
    """An operator and its gradient, registered as ``PACKAGE::NAME`` and ``PACKAGE::NAME_backward``.

    Args:
        declaration: names, roles and shapes.
        function: the operator's name in Python.
        forward: plain PyTorch, from windows, tensors, parameters, random values and attributes to the results.
        backward: the same with the cotangents of the float results before the tensors, to the gradients.
    """

    def __init__(self, declaration: Declaration, function: str, forward: Plain, backward: Plain) -> None:
        self.declaration = declaration
        self.function = function
        self._plain = {"forward": forward, "backward": backward}
        self._floats = [name for name, is_integer in declaration.results.items() if not is_integer]
        self._named = namedtuple(f"{function}_results", list(declaration.results))  # type: ignore[misc]
        self._register()

    # Registration.

    def _register(self) -> None:
        d = self.declaration
        given = [*(f"Tensor {name}" for name in (*d.tensors, *d.parameters)), *(f"Tensor? {name}" for name in d.random)]
        rest = ["Tensor? seed", _geometry_schema, *(f"float {name}" for name in d.attrs)]
        returned = [", ".join(["Tensor"] * len(names)) for names in (d.results, (*d.tensors, *d.parameters))]
        outputs = [text if "," not in text else f"({text})" for text in returned]
        forward_schema = f"({', '.join([*given, *rest])}) -> {outputs[0]}"
        cotangents = [f"Tensor d_{name}" for name in self._floats]
        backward_schema = f"({', '.join([*cotangents, *given, *rest])}) -> {outputs[1]}"
        custom = torch.library.custom_op
        self.op = custom(f"{_package}::{self.function}", self._forward, mutates_args=(), schema=forward_schema)
        self.op.register_fake(lambda *args: _as_returned(self._results_of(self._unpack(args))))
        self.backward_op = custom(f"{_package}::{self.function}_backward", self._backward, mutates_args=(), schema=backward_schema)
        self.backward_op.register_fake(lambda *args: _as_returned(self._gradients_of(self._unpack(args[len(self._floats) :]))))
        self.op.register_autograd(self._differentiate, setup_context=self._keep)

    def _keep(self, ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.save_for_backward(*[one for one in inputs if isinstance(one, Tensor)])
        ctx.others = [None if isinstance(one, Tensor) else (one,) for one in inputs]

    def _differentiate(self, ctx: Any, *cotangents: Tensor | None) -> tuple[Tensor | None, ...]:
        saved = iter(ctx.saved_tensors)
        inputs = [next(saved) if other is None else other[0] for other in ctx.others]
        shape = self._unpack(inputs).output_shape
        x = inputs[0]
        wanted = [one for one, is_integer in zip(cotangents, self.declaration.results.values()) if not is_integer]
        given = [x.new_zeros(shape) if one is None else one for one in wanted]
        made = self.backward_op(*given, *inputs)
        gradients = (made,) if isinstance(made, Tensor) else tuple(made)
        return (*gradients, *[None] * (len(inputs) - len(gradients)))

    # The custom operators' own code.

    def _unpack(self, args: Sequence[Any]) -> _Call:
        d = self.declaration
        tensors, parameters, random = len(d.tensors), len(d.parameters), len(d.random)
        at = tensors + parameters + random + 1
        kernel, stride, low, high, dilation, ceil_mode, count_include_pad, divisor_override, output_size = args[at : at + _geometry_length]
        lists = [tuple(one) for one in (kernel, stride, low, high, dilation)]
        adaptive = None if output_size is None else tuple(output_size)
        return _Call(
            tensors=list(args[:tensors]),
            parameters=list(args[tensors : tensors + parameters]),
            random=list(args[tensors + parameters : at - 1]),
            seed=args[at - 1],
            geometry=Geometry(*lists, ceil_mode, count_include_pad, divisor_override, adaptive),
            attrs=dict(zip(d.attrs, args[at + _geometry_length :])),
        )

    def _results_of(self, call: _Call) -> list[Tensor]:
        """The results, yet to be written."""
        types = [torch.int32 if is_integer else call.x.dtype for is_integer in self.declaration.results.values()]
        shape = call.output_shape
        return [torch.empty(shape, dtype=dtype, device=call.x.device, memory_format=call.format) for dtype in types]

    def _gradients_of(self, call: _Call) -> list[Tensor]:
        """The gradients, yet to be written."""
        like_input = [torch.empty(one.shape, dtype=one.dtype, device=one.device, memory_format=call.format) for one in call.tensors]
        return [*like_input, *[torch.empty(one.shape, dtype=one.dtype, device=one.device) for one in call.parameters]]

    def _forward(self, *args: Any) -> Any:
        call = self._unpack(args)
        results = self._results_of(call)
        names = [f"result {name}" for name in self.declaration.results]
        self._compute("forward", call, {}, dict(zip(names, results)))
        return _as_returned(results)

    def _backward(self, *args: Any) -> Any:
        count = len(self._floats)
        call = self._unpack(args[count:])
        gradients = self._gradients_of(call)
        d = self.declaration
        cotangents = {f"cotangent {name}": call.dense(one) for name, one in zip(self._floats, args[:count])}
        names = [f"gradient {name}" for name in (*d.tensors, *d.parameters)]
        self._compute("backward", call, cotangents, dict(zip(names, gradients)))
        return _as_returned(gradients)

    def _compute(self, direction: str, call: _Call, cotangents: dict[str, Tensor], outputs: dict[str, Tensor]) -> None:
        if call.x.is_cuda:
            self._launch(direction, call, cotangents, outputs)
            return
        d, windows = self.declaration, self._windows(call)
        wide = windows.like.dtype
        parameters = [
            one.reshape(windows.shape("tap")) if level_of(shape) == "tap" else one for one, shape in zip(call.parameters, d.parameters.values())
        ]
        attrs = [windows.number(value) for value in call.attrs.values()]
        given = [one.to(wide) for one in (*cotangents.values(), *call.tensors, *parameters, *self._drawn(windows, call))]
        made = self._plain[direction](windows, *given, *attrs)
        for out, value in zip(outputs.values(), made):
            out.copy_(value.reshape(out.shape) if value.numel() == out.numel() else value.expand(out.shape))

    def _windows(self, call: _Call) -> Windows:
        like = torch.empty((), dtype=arithmetic(call.x.dtype), device=call.x.device)
        return Windows(call.geometry, call.x.shape, like, call.seed_number)

    def _drawn(self, windows: Windows, call: _Call) -> list[Tensor]:
        """Random values, those that are handed in and the others."""
        return [
            windows.random(of.kind, of.stream, level_of(of.shape)) if one is None else one
            for one, of in zip(call.random, self.declaration.random.values())
        ]

    def _launch(self, direction: str, call: _Call, cotangents: dict[str, Tensor], outputs: dict[str, Tensor]) -> None:
        """The same by an exported kernel, on the device that the input is on."""
        d, g = self.declaration, call.geometry
        handed = [name for name, one in zip(d.random, call.random) if one is not None]
        if 0 < len(handed) < len(d.random):
            # Kernels draw all random values or none.
            call = call.with_drawn(self._drawn(self._windows(call), call))
            handed = list(d.random)
        entry = manifest_of(self.function).find(
            geometry=g.key,
            dtype=str(call.x.dtype).removeprefix("torch."),
            layout="channels-first" if call.format == torch.contiguous_format else "channels-last",
            attrs=call.attrs,
            hand_in=handed,
        )
        roles = ["input", *["tensor"] * (len(d.tensors) - 1)]
        tensors = {f"{role} {name}": call.dense(one) for role, name, one in zip(roles, d.tensors, call.tensors)}
        tensors |= {f"param {name}": one.contiguous() for name, one in zip(d.parameters, call.parameters)}
        tensors |= {f"noise {name}": one.contiguous() for name, one in zip(d.random, call.random) if one is not None}
        extents = tuple(call.x.shape[2:])
        taps = prod(extents) if g.is_adaptive else g.size
        sizes = Sizes(*call.x.shape[:2], extents, tuple(g.out_extents(extents)), taps)
        run(entry, direction, {**tensors, **cotangents, **outputs}, sizes, call.seed_number)

    # What a user calls.

    def __call__(
        self,
        tensors: Sequence[Tensor],
        parameters: Sequence[Parameter],
        windows: Sequence[Any],
        attrs: Sequence[float],
        random: Sequence[Tensor | None] = (),
        seed: Seed = None,
    ) -> Any:
        """Pools. ``windows`` are the arguments of :func:`.geometry.geometry` after the first.

        Raises:
            ArgumentError: for a tensor or a seed that does not fit.
            GeometryError: for windows that cannot be.
        """
        d = self.declaration
        x = tensors[0]
        self._check(tensors)
        g = geometry(x.dim() - 2, *windows)
        if g.is_adaptive and "kernel" in d.parameters.values():
            raise ArgumentError(f"{d.name} has a parameter for each tap, but adaptive windows have no one size: give kernel_size")
        if g.divisor_override is not None and not d.allows_divisor:
            raise ArgumentError(f"{d.name} has a variance, which has no meaning with a divisor_override: leave it out")
        wide = arithmetic(x.dtype)
        shaped = [
            self._fitted(name, value, level_of(shape), x, g, wide) for (name, shape), value in zip(d.parameters.items(), parameters)
        ]
        handed = [
            None if value is None else self._fitted(name, value, level_of(of.shape), x, g, wide)
            for (name, of), value in zip(d.random.items(), random)
        ]
        draws = d.draws or any(one is None for one in handed)
        key = self._seed(seed) if draws and d.is_seeded else None
        flat = (g.kernel, g.stride, g.low, g.high, g.dilation, g.ceil_mode, g.count_include_pad, g.divisor_override, g.output_size)
        made = self.op(*tensors, *shaped, *handed, key, *flat, *[float(one) for one in attrs])
        return made if isinstance(made, Tensor) else self._named(*made)

    def _check(self, tensors: Sequence[Tensor]) -> None:
        x, name = tensors[0], self.declaration.name
        if x.dtype not in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
            raise ArgumentError(f"{name} takes floats of 16, 32 or 64 bits, but x is {x.dtype}: convert it, as in x.float()")
        for of, one in zip(self.declaration.tensors[1:], tensors[1:]):
            if one.shape != x.shape or one.dtype != x.dtype:
                raise ArgumentError(
                    f"{of} must be of x's shape and type, {tuple(x.shape)} and {x.dtype}, but is {tuple(one.shape)} and {one.dtype}"
                )

    def _fitted(self, name: str, value: Parameter, level: str, x: Tensor, g: Geometry, dtype: torch.dtype) -> Tensor:
        """A parameter in its one shape: short forms, such as (C,) and (N, C), get the dimensions that they lack."""
        tensor = value if isinstance(value, Tensor) else torch.tensor(float(value))
        tensor = tensor.to(device=x.device, dtype=dtype)
        shape = _shape(level, x, g)
        words = level.split()
        if level == "tap":
            if list(tensor.shape) != shape:
                raise ArgumentError(f"{name} has a number for each tap, ({', '.join(map(str, shape))}), but is {tuple(tensor.shape)}")
            return tensor
        short = {"": (), "c": (shape[1],), "n": (shape[0],), "n c": (shape[0], shape[1])}.get(level)
        if short is not None and tuple(tensor.shape) == short:
            tensor = tensor.reshape(shape)
        if tensor.dim() == 0:
            tensor = tensor.reshape([1] * len(shape))
        if tensor.dim() != len(shape) or any(have not in (1, want) for have, want in zip(tensor.shape, shape)):
            varies = " ".join(words) or "nothing: it is one number"
            raise ArgumentError(f"{name} must be of shape {tuple(shape)} or broadcast to it (it varies with {varies}), but is {tuple(tensor.shape)}")
        return tensor.expand(shape)

    @staticmethod
    def _seed(seed: Seed) -> Tensor:
        if seed is None:
            return torch.randint(0, 2**63 - 1, (), dtype=torch.int64)
        if isinstance(seed, Tensor):
            if seed.dtype != torch.int64 or seed.numel() != 1 or seed.is_cuda:
                raise ArgumentError(f"a seed is one int64 on the CPU, but this is {seed.numel()} of {seed.dtype} on {seed.device}")
            return seed.reshape(())
        return torch.tensor(seed - 2**64 if seed >= 2**63 else seed, dtype=torch.int64)


@dataclass(frozen=True)
class _Call:
    """The arguments of one call of a custom operator."""

    tensors: list[Tensor]
    parameters: list[Tensor]
    random: list[Tensor | None]
    seed: Tensor | None
    geometry: Geometry
    attrs: Mapping[str, float]

    @property
    def x(self) -> Tensor:
        return self.tensors[0]

    @property
    def format(self) -> torch.memory_format:
        return memory_format(self.x)

    def with_drawn(self, random: Sequence[Tensor]) -> _Call:
        return replace(self, random=list(random))

    @property
    def output_shape(self) -> list[int]:
        return [*self.x.shape[:2], *self.geometry.out_extents(self.x.shape[2:])]

    @property
    def seed_number(self) -> int:
        return 0 if self.seed is None else int(self.seed.item())

    def dense(self, tensor: Tensor) -> Tensor:
        """A tensor of the input's or the output's kind, in the input's order."""
        return tensor.to(self.x.dtype).contiguous(memory_format=self.format)


def _as_returned(tensors: list[Tensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tuple(tensors)
