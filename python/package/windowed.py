"""What modules that pool have in common: the windows that they are made for."""

from __future__ import annotations

from typing import Any

from torch import nn

from .geometry import Padding, PerDim

_WINDOWS = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")


class Windowed(nn.Module):
    """A module with windows, as in `torch.nn.AvgPool2d`; stride None is kernel_size."""

    kernel_size: PerDim
    stride: PerDim
    padding: Padding
    ceil_mode: bool
    count_include_pad: bool

    def __init__(
        self, kernel_size: PerDim, stride: PerDim | None, padding: Padding, ceil_mode: bool, count_include_pad: bool
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    @property
    def windows(self) -> dict[str, Any]:
        """The windows as operators take them."""
        return {name: getattr(self, name) for name in _WINDOWS}

    def _repr_of(self, what: object, more: dict[str, object]) -> str:
        """What the module is of, its windows and what else it has."""
        return ", ".join([str(what), *(f"{name}={value!r}" for name, value in {**self.windows, **more}.items())])
