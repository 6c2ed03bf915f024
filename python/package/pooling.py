"""Any operator as a module: `Pooling(softpool, 2)` stands where `nn.MaxPool2d(2)` is fed batches."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .arguments import ArgumentError
from .geometry import Padding, PerDim
from .windowed import Windowed

__all__ = ["Pooling"]

# Shapes of parameters that a module can hold. The others differ from sample to sample, or from size to size.
_LEARNED = ("scalar", "channel", "kernel")


class Pooling(Windowed):
    """A pooling operator as a module; its parameters of shape scalar, channel or kernel are learned.

        Pooling(softpool, 2)
        Pooling(gem, 2, p=3.0)
        Pooling(gaussian, 3, 2, 1, num_features=64, weight=1.0)

    Args:
        function: one of this package's operators.
        kernel_size, stride, padding, ceil_mode, count_include_pad: as in `torch.nn.AvgPool2d`; stride None is kernel_size.
        num_features: channels of the input; wanted where a parameter by channel is given as one number.
        parameters: initial values by the operator's own names, a number or a tensor: of shape () for a scalar,
            (num_features,) by channel, the kernel's by kernel, which asks for a kernel size of one integer a dimension.
            The operator's attributes, such as eps, are given here too, and stay constant.

    The forward pass takes (N, C, spatial...), in as many dimensions as that has, and returns the operator's first result. An
    operator that draws random values does so in evaluation too, by PyTorch's generator on the CPU.

    Raises:
        TypeError: function is none of this package's; a parameter is missing, or a name is unknown; the operator takes what a
            module cannot hold: further tensors, or parameters by sample or position.
        ArgumentError: an initial value has another shape than the parameter.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        kernel_size: PerDim,
        stride: PerDim | None = None,
        padding: Padding = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        *,
        num_features: int | None = None,
        **parameters: float | Tensor,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        declaration = getattr(function, "declaration", None)
        if declaration is None:
            raise TypeError(f"{function!r} is no pooling operator; give one of this package's functions, such as softpool")
        name = declaration.name
        if further := declaration.tensors[1:]:
            tensors = ", ".join(further)
            raise TypeError(f"{name} takes further tensors ({tensors}), which a module cannot hold: call the function itself")
        for parameter, shape in declaration.parameters.items():
            if shape not in _LEARNED:
                raise TypeError(f"{name} takes {parameter} by {shape}, which a module cannot hold: call the function itself")
        wanted = declaration.parameters.keys()
        if missing := wanted - parameters.keys():
            raise TypeError(f"{name} needs initial values of: {', '.join(sorted(missing))}")
        if unknown := parameters.keys() - wanted - declaration.attrs.keys():
            known = ", ".join([*wanted, *declaration.attrs]) or "none"
            raise TypeError(f"{name} has no parameter or attribute {', '.join(sorted(unknown))}; it has: {known}")

        self.function = function
        self.attrs = {key: value for key, value in parameters.items() if key in declaration.attrs}
        self.learned = tuple(wanted)
        for key, shape in declaration.parameters.items():
            value = torch.as_tensor(parameters[key], dtype=torch.get_default_dtype())
            self.register_parameter(key, nn.Parameter(value.expand(self._extents(key, shape, value, num_features)).clone()))

    def _extents(self, key: str, shape: str, value: Tensor, num_features: int | None) -> tuple[int, ...]:
        """The extents of a parameter, which its initial value fills or has."""
        if shape == "scalar":
            extents: tuple[int, ...] = ()
        elif shape == "channel":
            if value.dim() == 0 and num_features is None:
                raise TypeError(f"{key} is one number a channel: give num_features, or a tensor of one value a channel")
            extents = (len(value) if num_features is None else num_features,)
        else:
            if isinstance(self.kernel_size, int):
                raise TypeError(f"{key} is one number a tap: give kernel_size as one integer a dimension, not {self.kernel_size}")
            extents = tuple(self.kernel_size)
        if value.dim() > 0 and tuple(value.shape) != extents:
            raise ArgumentError(f"{key} has shape {tuple(value.shape)}, but by {shape} it must have {extents}")
        return extents

    def forward(self, x: Tensor) -> Tensor:
        learned = {key: getattr(self, key) for key in self.learned}
        result = self.function(x, **self.windows, **learned, **self.attrs)
        return result if isinstance(result, Tensor) else result[0]

    def extra_repr(self) -> str:
        return self._repr_of(self.function.declaration.name, self.attrs)
