"""Puts a pooling layer where published networks reduce their resolution, and counts what a network computes.

Places are those of T. Kobayashi: Gaussian-based pooling for convolutional neural networks. NeurIPS 2019. The networks are
torchvision's, which this module does without until one of them is handed in, and the paper's own VGG-16-mod.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["multiply_adds", "replace_pooling", "skip_resnet", "vgg16_mod"]

Make = Callable[[int, int, int, int], nn.Module]
Network = TypeVar("Network", bound=nn.Module)

# Set on a network that was changed: a second change would pool what is pooled already.
_CHANGED = "pooling_was_replaced"


class VGG16Mod(nn.Module):
    """The paper's VGG-16-mod: four stages that end in pooling, then a convolution, a global average and two linear layers.

    Input (N, 3, H, W) with H and W of at least 16; output (N, num_classes).
    """

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for stage, (depth, width) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]):
            for _ in range(depth):
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width, eps=1e-4), nn.ReLU(inplace=True)]
                channels = width
            if stage < 4:
                layers.append(nn.MaxPool2d(2))
        layers += [nn.Conv2d(channels, 4096, 1), nn.BatchNorm2d(4096, eps=1e-4), nn.ReLU(inplace=True)]
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(4096, 4096), nn.BatchNorm1d(4096, eps=1e-4), nn.ReLU(inplace=True), nn.Linear(4096, num_classes)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def vgg16_mod(num_classes: int = 1000) -> VGG16Mod:
    """The paper's VGG-16-mod, with max pooling; see `VGG16Mod`."""
    return VGG16Mod(num_classes)


def replace_pooling(model: Network, make: Make) -> Network:
    """Puts a pooling layer wherever the paper pools, in place.

        replace_pooling(resnet50(), lambda c, k, s, p: GaussianPooling2d(c, k, s, p))

    - VGG and `vgg16_mod`: each max pooling gives way to pooling 2x2 stride 2.
    - ResNet and ResNeXt: the stem's convolution gets stride 1, and pooling 4x4 stride 4 takes the place of max pooling. In the
      first block of each later stage convolutions get stride 1, and pooling 2x2 stride 2 follows the block.
    - DenseNet: the stem's convolution gets stride 1, and poolings 2x2 stride 2 and 3x3 stride 2 padding 1 take the place of max
      pooling. In transitions batch norm, ReLU and pooling 2x2 stride 2 follow the convolution.

    Every name in the state dict stays. A checkpoint of the network as it was loads with `strict=False`: what is missing then
    belongs to the new layers. A pooled ResNet or DenseNet computes at a higher resolution than the one that it is made from, and
    so much more of it: say so where you compare them (`multiply_adds`).

    Args:
        model: a torchvision VGG, ResNet, ResNeXt or DenseNet, or a `vgg16_mod`. One built with dilation is refused.
        make: called with num_features, kernel_size, stride and padding of each place, in the network's order.

    Returns:
        The model that was handed in.

    Raises:
        TypeError: the model is of no known kind.
        ValueError: it was changed already, or is not as torchvision builds it; it is left as it was. An error of `make` comes
            through; build the model anew then.
    """
    replace = _kind_of(model)
    _refuse_twice(model)
    known = set(model.modules())
    replace(model, make)
    # A network that is in evaluation stays so as a whole.
    for module in set(model.modules()) - known:
        module.training = model.training
    setattr(model, _CHANGED, True)
    return model


def skip_resnet(model: Network) -> Network:
    """Makes a ResNet the baseline of the paper, in place: a stem of stride 4, no max pooling, and strided convolutions.

    Args:
        model: a torchvision ResNet or ResNeXt.

    Returns:
        The model that was handed in.

    Raises:
        TypeError: the model is no ResNet.
        ValueError: it was changed already.
    """
    if _kind_of(model) is not _replace_in_resnet:
        raise TypeError(f"{_name(model)} is no torchvision ResNet: only those have the strided baseline")
    _refuse_twice(model)
    model.conv1.stride = (4, 4)
    model.maxpool = nn.Identity()
    setattr(model, _CHANGED, True)
    return model


def multiply_adds(model: nn.Module, input_size: tuple[int, ...]) -> int:
    """Multiply-adds of convolutions and linear layers in one forward pass of one sample, in evaluation.

    Pooling, norms and activations are left out: they are few beside these. Nothing is computed: only shapes go through.

    Args:
        model: any network; its state and mode are as before afterwards.
        input_size: of one sample, such as (3, 224, 224).
    """
    modes = [(module, module.training) for module in model.modules()]
    state = {name: tensor.to("meta") for name, tensor in [*model.named_parameters(), *model.named_buffers()]}
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            torch.func.functional_call(model.eval(), state, torch.empty(1, *input_size, device="meta"))
    finally:
        for module, mode in modes:
            module.training = mode
    return counter.get_total_flops() // 2


def _kind_of(model: nn.Module) -> Callable[[nn.Module, Make], None]:
    """What replaces the pooling of this kind of network."""
    if isinstance(model, VGG16Mod):
        return _replace_in_vgg
    if "torchvision" in sys.modules:
        from torchvision.models import VGG, DenseNet, ResNet

        for kind, replace in ((VGG, _replace_in_vgg), (ResNet, _replace_in_resnet), (DenseNet, _replace_in_densenet)):
            if isinstance(model, kind):
                return replace
    known = "torchvision's VGG, ResNet, ResNeXt and DenseNet, and vgg16_mod"
    raise TypeError(f"{_name(model)} is no network whose pooling is known; known are {known}")


def _name(model: nn.Module) -> str:
    return f"{type(model).__module__}.{type(model).__qualname__}"


def _refuse_twice(model: nn.Module) -> None:
    if getattr(model, _CHANGED, False):
        raise ValueError(f"the pooling of this {type(model).__name__} was replaced already: build a new one")


def _replace_in_vgg(model: nn.Module, make: Make) -> None:
    channels = 3
    for name, module in list(model.features.named_children()):
        if isinstance(module, nn.Conv2d):
            channels = module.out_channels
        elif isinstance(module, nn.MaxPool2d):
            setattr(model.features, name, make(channels, 2, 2, 0))


def _replace_in_resnet(model: nn.Module, make: Make) -> None:
    stages = [model.layer2, model.layer3, model.layer4]
    # The 3x3 convolution and the shortcut: torchvision has the stride in either kind of block there.
    strided = [[m for m in stage[0].modules() if isinstance(m, nn.Conv2d) and m.stride == (2, 2)] for stage in stages]
    if any(len(found) != 2 for found in strided):
        raise ValueError("a stage of this ResNet begins without strided convolutions, as with dilation: build it without")
    model.conv1.stride = (1, 1)
    model.maxpool = make(model.conv1.out_channels, 4, 4, 0)
    for stage, convolutions in zip(stages, strided, strict=True):
        for convolution in convolutions:
            convolution.stride = (1, 1)
        (_, block), *rest = stage.named_children()
        # The pooling has a name of its own between blocks, so that theirs stay. The stage stays too, for hooks may be on it.
        stage.add_module("pool", make(block.downsample[0].out_channels, 2, 2, 0))
        for name, later in rest:
            delattr(stage, name)
            stage.add_module(name, later)


def _replace_in_densenet(model: nn.Module, make: Make) -> None:
    features = model.features
    channels = features.conv0.out_channels
    features.conv0.stride = (1, 1)
    features.pool0 = nn.Sequential(make(channels, 2, 2, 0), make(channels, 3, 2, 1))
    for name, transition in features.named_children():
        if name.startswith("transition"):
            # The paper pools behind convolution, batch norm and ReLU. torchvision has norm, ReLU, convolution, pooling, as the
            # authors of DenseNet do. Read as: these stay, and a second norm and ReLU stand between convolution and pooling.
            channels = transition.conv.out_channels
            layers = {"norm": nn.BatchNorm2d(channels), "relu": nn.ReLU(inplace=True), "pool": make(channels, 2, 2, 0)}
            transition.pool = nn.Sequential(OrderedDict(layers))
