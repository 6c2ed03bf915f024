"""Two small networks whose pooling can be exchanged: one like ResNet, one like VGG.

They reduce the resolution three times by 2. "skip" has strided convolutions instead of pooling. Where it has them, and where
pooling stands, is as in the paper (T. Kobayashi, NeurIPS 2019) for ResNet: skip has them in the stem, in the first 3 x 3
convolution of a stage and in its shortcut; pooling stands behind the stem and behind a stage's first block. For VGG the paper
has no skip. Here it is the stage's last convolution that is strided.
"""

from collections.abc import Callable

import poolwright_torch as pw
import torch
from torch import Tensor, nn

WIDTHS = (8, 16, 32)
CLASSES = 10

Make = Callable[[int], nn.Module]

# What stands where the resolution is halved, by the number of channels. None: strided convolutions.
POOLINGS: dict[str, Make | None] = {
    "skip": None,
    "max": lambda channels: nn.MaxPool2d(2),
    "avg": lambda channels: nn.AvgPool2d(2),
    "softpool": lambda channels: pw.Pooling(pw.softpool, 2),
    "gauss-HWCN": lambda channels: pw.GaussianPooling2d(channels, 2, stochasticity="HWCN"),
    "gauss-CN": lambda channels: pw.GaussianPooling2d(channels, 2, stochasticity="CN"),
    "gauss-none": lambda channels: pw.GaussianPooling2d(channels, 2, stochasticity=None),
}


def build(network: str, pooling: str, seed: int) -> nn.Module:
    """A network with initial weights by the seed; convolutions and the linear layer start alike whatever the pooling is.

    Args:
        network: a key of NETWORKS.
        pooling: a key of POOLINGS.
        seed: also leaves PyTorch's generator in a state that the seed decides.
    """
    torch.manual_seed(seed)
    return NETWORKS[network](POOLINGS[pooling])


def _reduction(make: Make | None, channels: int) -> nn.Module:
    """The pooling layer, or nothing for skip; what it draws for its own weights leaves the generator as it was."""
    with torch.random.fork_rng(devices=[]):
        return nn.Identity() if make is None else make(channels)


def _convolution(inputs: int, outputs: int, size: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut, which is a 1 x 1 convolution where the channels change."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _convolution(inputs, outputs, 3, stride)
        self.second = _convolution(outputs, outputs, 3, 1)
        self.shortcut = nn.Identity() if inputs == outputs else _convolution(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(torch.relu(self.first(x))) + self.shortcut(x))


def _head(channels: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)]


def resnet(make: Make | None) -> nn.Sequential:
    """A stem and three blocks of WIDTHS channels; (N, 1, H, W) to (N, CLASSES)."""
    stride = 2 if make is None else 1
    first = WIDTHS[0]
    layers = [_convolution(1, first, 3, stride), nn.ReLU(), _reduction(make, first), Block(first, first, 1)]
    for inputs, outputs in zip(WIDTHS, WIDTHS[1:], strict=False):
        layers += [Block(inputs, outputs, stride), _reduction(make, outputs)]
    return nn.Sequential(*layers, *_head(WIDTHS[-1]))


def vgg(make: Make | None) -> nn.Sequential:
    """Three stages of two convolutions and a pooling; (N, 1, H, W) to (N, CLASSES)."""
    layers: list[nn.Module] = []
    inputs = 1
    for width in WIDTHS:
        layers += [_convolution(inputs, width, 3, 1), nn.ReLU()]
        layers += [_convolution(width, width, 3, 2 if make is None else 1), nn.ReLU(), _reduction(make, width)]
        inputs = width
    return nn.Sequential(*layers, *_head(inputs))


NETWORKS: dict[str, Callable[[Make | None], nn.Module]] = {"resnet": resnet, "vgg": vgg}
