"""The Gaussian pooling layer: each window gives its mean plus a weight times its standard deviation.

The weight is softplus(m + s * noise). m and s are estimated, one a sample and channel, from the global average of the feature
map. So the layer learns, for each image, where to pool between the mean and beyond the maximum.

T. Kobayashi: Gaussian-based pooling for convolutional neural networks. NeurIPS 2019.
"""

from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch
from torch import Tensor, nn

from .arguments import ArgumentError
from .geometry import Padding, PerDim
from .operators import isp_gaussian, isp_gaussian_cn, isp_gaussian_inference
from .windowed import Windowed

__all__ = ["GaussianPooling1d", "GaussianPooling2d", "GaussianPooling3d"]

_DRAWN = {"HWCN": isp_gaussian, "CN": isp_gaussian_cn}
_CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_NORMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


def _without_autocast(device_type: str) -> AbstractContextManager:
    """Autocast turned off, on devices that have it."""
    return torch.autocast(device_type, enabled=False) if torch.amp.is_autocast_available(device_type) else nullcontext()


class _GaussianPooling(Windowed):
    """The layer in any number of dimensions; see `GaussianPooling2d`."""

    dims: int

    def __init__(
        self,
        num_features: int,
        kernel_size: PerDim,
        stride: PerDim | None = None,
        padding: Padding = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        hidden_node: int | None = None,
        stochasticity: Literal["HWCN", "CN"] | None = "HWCN",
        eps: float = 1e-6,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        if stochasticity is not None and stochasticity not in _DRAWN:
            raise ArgumentError(f"stochasticity is {stochasticity!r}; it must be 'HWCN', 'CN' or None")
        hidden = max(1, num_features // 2) if hidden_node is None else hidden_node
        for name, value in (("num_features", num_features), ("hidden_node", hidden)):
            if value < 1:
                raise ArgumentError(f"{name} is {value}; it must be at least 1")
        self.num_features = num_features
        self.stochasticity = stochasticity
        self.eps = eps

        convolution, norm = _CONVOLUTIONS[self.dims], _NORMS[self.dims]
        # Names are those of the reference implementation, so that its checkpoints load. There, child 0 is the average, which
        # `forward` takes by itself: it decides in which type.
        self.ToHidden = nn.Sequential(
            OrderedDict([("1", convolution(num_features, hidden, 1)), ("2", norm(hidden)), ("3", nn.ReLU())])
        )
        self.ToMean = nn.Sequential(convolution(hidden, num_features, 1), norm(num_features))
        self.ToSigma = nn.Sequential(convolution(hidden, num_features, 1), norm(num_features), nn.Sigmoid())
        if stochasticity is None:
            # Never evaluated. Frozen, so that DistributedDataParallel does not wait for its gradients.
            self.ToSigma.requires_grad_(False)

    def forward(self, x: Tensor, *, noise: Tensor | None = None, seed: int | Tensor | None = None) -> Tensor:
        """Pools feature maps.

        Args:
            x: (N, num_features, spatial...). While training by batch statistics, N must be at least 2.
            noise: standard normal values in place of drawn ones: of the output's shape for 'HWCN', (N, num_features) or
                (N, num_features, 1...) for 'CN'.
            seed: the key of what is drawn, an integer or an int64 tensor on the CPU; of no account where nothing is drawn.
                None takes one from PyTorch's generator on the CPU, so that `torch.manual_seed` decides.

        Returns:
            (N, num_features, spatial...), in x's type and memory format.

        Raises:
            ArgumentError: x has another rank or another number of channels; noise is given, but nothing is drawn.
        """
        if x.dim() != self.dims + 2:
            name, rank = type(self).__name__, self.dims + 2
            raise ArgumentError(f"x has shape {tuple(x.shape)}; {name} takes {rank} dimensions, samples and channels first")
        if x.shape[1] != self.num_features:
            raise ArgumentError(f"x has {x.shape[1]} channels; the layer was made for num_features={self.num_features}")
        draws = self.training and self.stochasticity is not None
        if noise is not None and not draws:
            raise ArgumentError("noise is given, but nothing is drawn in evaluation or with stochasticity=None: leave it out")

        # A few numbers a channel, whose differences batch norm enlarges: 16 bits would drown them, and 32 cost nothing.
        with _without_autocast(x.device.type):
            spatial = tuple(range(2, x.dim()))
            hidden = self.ToHidden(x.mean(spatial, keepdim=True, dtype=self.ToMean[0].weight.dtype))
            m = self.ToMean(hidden)
            if not draws:
                return isp_gaussian_inference(x, m, **self.windows, eps=self.eps)
            s = self.ToSigma(hidden)
            return _DRAWN[self.stochasticity](x, m, s, **self.windows, eps=self.eps, noise=noise, seed=seed)

    def extra_repr(self) -> str:
        return self._repr_of(self.num_features, {"stochasticity": self.stochasticity, "eps": self.eps})


class GaussianPooling2d(_GaussianPooling):
    """Gaussian pooling of (N, C, H, W), whose weight is estimated, and drawn while training.

    y = mean + softplus(m + s * noise) * std over each window, with std = sqrt(max(variance, eps)). While training, noise is
    standard normal; in evaluation it is left out, and so is s.

    Under DistributedDataParallel nothing has to be set: whatever `stochasticity` is, each parameter that asks for a gradient gets
    one in each training step. `ToSigma` with `stochasticity=None` is never used and asks for none; its entries in the state dict
    stay. Only a layer put into evaluation inside a network that trains leaves `ToSigma` without a gradient: freeze it too, or
    pass `find_unused_parameters=True`.

    Args:
        num_features: channels of the input.
        kernel_size, stride, padding, ceil_mode, count_include_pad: as in `torch.nn.AvgPool2d`; stride None is kernel_size.
        hidden_node: width of the estimator, half of num_features by default.
        stochasticity: 'HWCN' draws one weight an output element, 'CN' one a sample and channel, None takes it at its mean.
        eps: what the variance is at least; it keeps the root's slope finite.

    Raises:
        ArgumentError: num_features or hidden_node is below 1; stochasticity is none of the three.
    """

    dims = 2


class GaussianPooling1d(_GaussianPooling):
    """Gaussian pooling of (N, C, L); see `GaussianPooling2d`."""

    dims = 1


class GaussianPooling3d(_GaussianPooling):
    """Gaussian pooling of (N, C, D, H, W); see `GaussianPooling2d`."""

    dims = 3
