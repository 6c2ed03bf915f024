"""An operator as a custom operator of PyTorch: schema, fake kernels, autograd, and which code runs on which device.

The custom operator is opaque to ``torch.compile``. It takes tensors of one shape each, a seed in a tensor on the CPU, and the
geometry in lists; what a user writes is brought into that form before it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from .arguments import ArgumentError, Parameter, Seed, arithmetic, check_tensors, fitted, refuse_tangents, seed_tensor
from .call import Call, schema_of
from .declaration import Declaration, level_of
from .geometry import geometry
from .launch import run
from .manifest import manifest_of
from .windows import Windows

_Plain: TypeAlias = Callable[..., tuple[Tensor, ...]]

_package = __name__.split(".")[0]
# PyTorch for AMD calls its GPUs cuda as well; NVIDIA's kernels are of no use there.
_is_nvidia = torch.version.hip is None
# Of operators whose seed is read on the CPU: in a CUDA graph it would be read once, and every replay draw the same. An
# older PyTorch lacks the tag.
_UNSAFE_IN_GRAPHS = [tag for tag in [getattr(torch.Tag, "cudagraph_unsafe", None)] if tag is not None]


def _returned(tensors: Sequence[Tensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tuple(tensors)


def _result_schema(count: int) -> str:
    return "Tensor" if count == 1 else f"({', '.join(['Tensor'] * count)})"


class Operator:
    """An operator and its gradient, registered as ``PACKAGE::NAME`` and ``PACKAGE::NAME_backward``.

    Args:
        declaration: names, roles and shapes.
        function: the operator's name in Python.
        forward: plain PyTorch, from windows, tensors, parameters, random values and attributes to the results.
        backward: the same with the cotangents of the float results before the tensors, to the gradients.
    """

    def __init__(self, declaration: Declaration, function: str, forward: _Plain, backward: _Plain) -> None:
        self.declaration = declaration
        self.function = function
        self._plain = {"forward": forward, "backward": backward}
        self._floats = [name for name, is_integer in declaration.results.items() if not is_integer]
        self._named: Any = namedtuple(f"{function}_results", list(declaration.results), rename=True)
        # Pickle looks for a class by its name in this module.
        globals()[self._named.__name__] = self._named
        self._register()

    # Registration.

    def _register(self) -> None:
        given, name = schema_of(self.declaration), f"{_package}::{self.function}"
        cotangents = [f"Tensor cotangent_{result}" for result in self._floats]
        gradients = len(self.declaration.tensors) + len(self.declaration.parameters)
        forward_schema = f"({', '.join(given)}) -> {_result_schema(len(self.declaration.results))}"
        backward_schema = f"({', '.join([*cotangents, *given])}) -> {_result_schema(gradients)}"
        how: dict[str, Any] = {"mutates_args": ()}
        if self.declaration.is_seeded and _UNSAFE_IN_GRAPHS:
            how["tags"] = _UNSAFE_IN_GRAPHS
        self.op = torch.library.custom_op(name, self._forward, schema=forward_schema, **how)
        self.op.register_fake(lambda *args: _returned(self._results_of(self._call(args))))
        self.backward_op = torch.library.custom_op(f"{name}_backward", self._backward, schema=backward_schema, **how)
        self.backward_op.register_fake(lambda *args: _returned(self._gradients_of(self._call(args[len(self._floats) :]))))
        self.op.register_autograd(self._differentiate, setup_context=self._keep)

    def _call(self, args: Sequence[Any]) -> Call:
        return Call.of(self.declaration, args)

    def _keep(self, ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.save_for_backward(*[one for one in inputs if isinstance(one, Tensor)])
        ctx.others = [None if isinstance(one, Tensor) else (one,) for one in inputs]

    def _differentiate(self, ctx: Any, *cotangents: Tensor | None) -> tuple[Tensor | None, ...]:
        saved = iter(ctx.saved_tensors)
        inputs = [next(saved) if other is None else other[0] for other in ctx.others]
        call = self._call(inputs)
        wanted = [one for one, is_integer in zip(cotangents, self.declaration.results.values()) if not is_integer]
        given = [call.x.new_zeros(call.output_shape) if one is None else one for one in wanted]
        made = self.backward_op(*given, *inputs)
        gradients = (made,) if isinstance(made, Tensor) else tuple(made)
        return (*gradients, *[None] * (len(inputs) - len(gradients)))

    # What the custom operators do.

    def _results_of(self, call: Call) -> list[Tensor]:
        """The results, yet to be written."""
        types = [torch.int32 if is_integer else call.x.dtype for is_integer in self.declaration.results.values()]
        shape = call.output_shape
        return [torch.empty(shape, dtype=dtype, device=call.x.device, memory_format=call.format) for dtype in types]

    def _gradients_of(self, call: Call) -> list[Tensor]:
        """The gradients, yet to be written."""

        def like(one: Tensor, order: torch.memory_format) -> Tensor:
            return torch.empty(one.shape, dtype=one.dtype, device=one.device, memory_format=order)

        return [
            *(like(one, call.format) for one in call.tensors),
            *(like(one, torch.contiguous_format) for one in call.parameters),
        ]

    def _forward(self, *args: Any) -> Any:
        call = self._call(args)
        results = self._results_of(call)
        self._compute("forward", call, {}, {f"result {name}": one for name, one in zip(self.declaration.results, results)})
        return _returned(results)

    def _backward(self, *args: Any) -> Any:
        count, d = len(self._floats), self.declaration
        call = self._call(args[count:])
        gradients = self._gradients_of(call)
        cotangents = {f"cotangent {name}": call.dense(one) for name, one in zip(self._floats, args[:count])}
        outputs = {f"gradient {name}": one for name, one in zip((*d.tensors, *d.parameters), gradients)}
        self._compute("backward", call, cotangents, outputs)
        return _returned(gradients)

    def _compute(self, direction: str, call: Call, cotangents: dict[str, Tensor], outputs: dict[str, Tensor]) -> None:
        compute = self.compute_by_kernels if call.x.is_cuda and _is_nvidia else self._compute_plainly
        compute(direction, call, cotangents, outputs)

    def _windows(self, call: Call) -> Windows:
        like = torch.empty((), dtype=arithmetic(call.x.dtype), device=call.x.device)
        return Windows(call.geometry, call.x.shape, like, call.seed_number)

    def _drawn(self, windows: Windows, call: Call) -> list[Tensor]:
        """Random values as formulas have them, those that are handed in and the others."""
        return [
            windows.random(of.kind, of.stream, level_of(of.shape)) if one is None else windows.taps_first(one)
            for one, of in zip(call.random, self.declaration.random.values())
        ]

    def _compute_plainly(self, direction: str, call: Call, cotangents: dict[str, Tensor], outputs: dict[str, Tensor]) -> None:
        """In plain PyTorch, whatever the windows."""
        windows = self._windows(call)
        parameters = [windows.taps_first(one) for one in call.parameters]
        given = [*cotangents.values(), *call.tensors, *parameters, *self._drawn(windows, call)]
        attrs = [windows.number(value) for value in call.attrs.values()]
        made = self._plain[direction](windows, *(one.to(windows.like.dtype) for one in given), *attrs)
        for out, value in zip(outputs.values(), made):
            out.copy_(value.reshape(out.shape) if value.numel() == out.numel() else value.expand(out.shape))

    def compute_by_kernels(self, direction: str, call: Call, cotangents: dict[str, Tensor], outputs: dict[str, Tensor]) -> None:
        """By exported kernels, on the device that the input is on.

        Raises:
            UnknownGeometryError, UnknownKernelError: where none was exported for such a call.
            ArgumentError: for a seed while a CUDA graph is captured.
        """
        d = self.declaration
        if call.seed is not None and torch.cuda.is_available() and torch.cuda.is_current_stream_capturing():
            raise ArgumentError(
                f"{d.name} draws random values, and a CUDA graph would replay the same each time: hand them in, where the "
                "operator declares them, or leave this call out of the graph"
            )
        if any(one is None for one in call.random) and any(one is not None for one in call.random):
            # Kernels draw all random values or none.
            windows = self._windows(call)
            call = call.with_random([windows.taps_last(one) for one in self._drawn(windows, call)])
        handed = {name: one for name, one in zip(d.random, call.random) if one is not None}
        entry = manifest_of(self.function).find(
            geometry=call.geometry.key,
            dtype=str(call.x.dtype).removeprefix("torch."),
            layout="channels-first" if call.format == torch.contiguous_format else "channels-last",
            attrs=call.attrs,
            hand_in=handed,
        )
        roles = ["input", *["tensor"] * (len(d.tensors) - 1)]
        tensors = {f"{role} {name}": call.dense(one) for role, name, one in zip(roles, d.tensors, call.tensors)}
        tensors |= {f"param {name}": one.contiguous() for name, one in zip(d.parameters, call.parameters)}
        tensors |= {f"noise {name}": one.contiguous() for name, one in handed.items()}
        run(entry, direction, {**tensors, **cotangents, **outputs}, call.sizes, call.seed_number)

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
            ArgumentError: for a tensor or a seed that does not fit, and for tensors of forward-mode differentiation.
            GeometryError: for windows that cannot be.
        """
        d, x = self.declaration, tensors[0]
        check_tensors(d, tensors)
        refuse_tangents(d, [*tensors, *parameters])
        g = geometry(x.dim() - 2, *windows)
        if g.is_adaptive and d.has_taps:
            raise ArgumentError(f"{d.name} has a value for each tap, but adaptive windows have no one size: give kernel_size")
        if g.divisor_override is not None and not d.allows_divisor:
            raise ArgumentError(f"{d.name} has a variance, which has no meaning with a divisor_override: leave it out")
        shaped = [fitted(name, one, level_of(of), x, g) for (name, of), one in zip(d.parameters.items(), parameters)]
        handed = [
            None if one is None else fitted(name, one, level_of(of.shape), x, g)
            for (name, of), one in zip(d.random.items(), random)
        ]
        draws = d.draws or any(one is None for one in handed)
        key = seed_tensor(seed) if draws else None
        call = Call(tensors, shaped, handed, key, g, {name: float(value) for name, value in zip(d.attrs, attrs)})
        made = self.op(*call.flat())
        return made if isinstance(made, Tensor) else self._named(*made)
