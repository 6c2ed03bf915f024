"""Where pooling goes in the paper's networks: places, channels, resolutions, names, and that all of them train."""

from collections.abc import Callable

import poolwright_torch as pw
import pytest
import torch
import torchvision_here  # noqa: F401
from torch import Tensor, nn
from torchvision import models

GAUSSIAN = pw.GaussianPooling2d

# By network: how it is built, and for each pooling the number of channels, kernel size, stride and padding, and how many times
# smaller than the network's input its output is.
Place = tuple[int, int, int, int, int]
STAGES: list[Place] = [(64, 2, 2, 0, 2), (128, 2, 2, 0, 4), (256, 2, 2, 0, 8), (512, 2, 2, 0, 16)]
RESNET: list[Place] = [(64, 4, 4, 0, 4), (512, 2, 2, 0, 8), (1024, 2, 2, 0, 16), (2048, 2, 2, 0, 32)]
DENSENET: list[Place] = [(64, 2, 2, 0, 2), (64, 3, 2, 1, 4), (128, 2, 2, 0, 8), (256, 2, 2, 0, 16), (640, 2, 2, 0, 32)]
NETWORKS: dict[str, tuple[Callable[[], nn.Module], list[Place]]] = {
    "vgg16_bn": (lambda: models.vgg16_bn(num_classes=10), [*STAGES, (512, 2, 2, 0, 32)]),
    "vgg16_mod": (lambda: pw.vgg16_mod(num_classes=10), STAGES),
    "resnet50": (lambda: models.resnet50(num_classes=10), RESNET),
    "resnet101": (lambda: models.resnet101(num_classes=10), RESNET),
    "resnext50_32x4d": (lambda: models.resnext50_32x4d(num_classes=10), RESNET),
    "densenet169": (lambda: models.densenet169(num_classes=10), DENSENET),
}
SIDE = 32


@pytest.mark.parametrize("name", NETWORKS)
def test_places_names_and_a_training_step(name: str) -> None:
    build, places = NETWORKS[name]
    torch.manual_seed(1)
    plain = build()
    names = list(plain.state_dict())
    asked: list[tuple[int, ...]] = []

    def make(*place: int) -> nn.Module:
        asked.append(place)
        return GAUSSIAN(*place)

    model = pw.replace_pooling(plain, make)
    assert model is plain
    assert asked == [place[:4] for place in places]

    state = list(model.state_dict())
    assert [key for key in state if key in names] == names
    assert all(".To" in key or ".pool." in key for key in state if key not in names)

    outputs: list[tuple[int, ...]] = []
    for module in model.modules():
        if isinstance(module, GAUSSIAN):
            module.register_forward_hook(lambda _module, _inputs, output: outputs.append(tuple(output.shape)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    logits = model(torch.randn(2, 3, SIDE, SIDE))
    assert logits.shape == (2, 10)
    assert outputs == [(2, channels, SIDE // factor, SIDE // factor) for channels, _, _, _, factor in places]
    nn.functional.cross_entropy(logits, torch.tensor([1, 2])).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    optimizer.step()
    assert all(parameter.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("build", "missing"),
    [
        (models.resnet18, ["layer2.pool.ToMean.0.weight", "maxpool.ToHidden.1.bias"]),
        (models.densenet121, ["features.pool0.1.ToMean.0.weight", "features.transition1.pool.norm.weight"]),
        (models.vgg11, ["features.2.ToSigma.0.weight"]),
    ],
    ids=["resnet18", "densenet121", "vgg11"],
)
def test_checkpoints_of_the_plain_network_load(build: Callable[[], nn.Module], missing: list[str]) -> None:
    """Only what belongs to the new layers is missing; the other networks of a family follow the same rule."""
    with torch.device("meta"):
        plain, pooled = build(), pw.replace_pooling(build(), GAUSSIAN)
    left = pooled.load_state_dict(plain.state_dict(), strict=False, assign=True)
    assert left.unexpected_keys == []
    assert set(missing) <= set(left.missing_keys)
    new = pooled.state_dict().keys() - plain.state_dict().keys()
    # Batch norm makes its counter by itself, and does not miss it.
    assert set(left.missing_keys) == {name for name in new if not name.endswith("num_batches_tracked")}


def test_a_pooled_resnet_with_max_pooling_is_a_resnet_of_the_same_resolutions() -> None:
    """From the stem of stride 1 on, each stage sees what it sees in torchvision's network."""
    torch.manual_seed(2)
    shapes = []
    for model in (models.resnet18(), pw.replace_pooling(models.resnet18(), _max)):
        seen: list[tuple[int, ...]] = []
        for stage in (model.layer1, model.layer2, model.layer3, model.layer4):
            stage.register_forward_hook(lambda _module, _inputs, output: seen.append(tuple(output.shape)))
        model.eval()(torch.zeros(1, 3, 64, 64))
        shapes.append(seen)
    assert shapes[0] == shapes[1]


def _max(_channels: int, kernel: int, stride: int, padding: int) -> nn.Module:
    return nn.MaxPool2d(kernel, stride, padding)


@pytest.mark.parametrize("build", [models.resnet18, models.densenet121, models.vgg11], ids=lambda build: build.__name__)
def test_a_network_in_evaluation_stays_so(build: Callable[[], nn.Module]) -> None:
    torch.manual_seed(3)
    model = pw.replace_pooling(build(num_classes=10).eval(), GAUSSIAN)
    assert not any(module.training for module in model.modules())
    x = torch.randn(1, 3, 32, 32)
    assert torch.equal(model(x), model(x))


def test_hooks_of_a_stage_stay() -> None:
    model = models.resnet18().eval()
    seen: list[nn.Module] = []
    model.layer2.register_forward_hook(lambda module, _inputs, _output: seen.append(module))
    pw.replace_pooling(model, _max)(torch.zeros(1, 3, 32, 32))
    assert [list(dict(module.named_children())) for module in seen] == [["0", "pool", "1"]]


def test_the_skipped_resnet() -> None:
    model = pw.skip_resnet(models.resnet50(num_classes=10))
    seen: list[Tensor] = []
    model.layer1.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0]))
    assert model.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 10)
    assert seen[0].shape == (1, 64, 16, 16)
    assert not any(isinstance(module, nn.MaxPool2d) for module in model.modules())
    assert model.state_dict().keys() == models.resnet50().state_dict().keys()


def test_nothing_is_replaced_twice() -> None:
    with torch.device("meta"):
        for change in (lambda model: pw.replace_pooling(model, _max), pw.skip_resnet):
            model = change(models.resnet18())
            for again in (lambda: pw.replace_pooling(model, _max), lambda: pw.skip_resnet(model)):
                with pytest.raises(ValueError, match="ResNet was replaced already"):
                    again()


def test_unknown_models_are_named() -> None:
    with pytest.raises(TypeError, match=r"torch\.nn\.modules\.linear\.Linear is no network whose pooling is known; .*DenseNet"):
        pw.replace_pooling(nn.Linear(1, 1), _max)
    with torch.device("meta"):
        with pytest.raises(TypeError, match="VGG16Mod is no torchvision ResNet"):
            pw.skip_resnet(pw.vgg16_mod())
        dilated = models.resnet50(replace_stride_with_dilation=[False, False, True])
        with pytest.raises(ValueError, match="build it without"):
            pw.replace_pooling(dilated, _max)
        assert dilated.conv1.stride == (2, 2)


def test_multiply_adds_by_hand() -> None:
    model = nn.Sequential(nn.Conv2d(4, 6, 3, 2, padding=1, groups=2), nn.Dropout(), nn.Flatten(), nn.Linear(6 * 16, 5))
    model[1].eval()
    assert pw.multiply_adds(model, (4, 8, 8)) == 6 * 16 * (2 * 9) + 6 * 16 * 5
    assert model[0].training and not model[1].training


def test_multiply_adds_of_published_networks() -> None:
    """ResNet-50 has 4.09 thousand million; the pooled one computes 1.7 times what the skipped one does."""
    with torch.device("meta"):
        plain, skipped, pooled = (change(models.resnet50()) for change in (lambda m: m, pw.skip_resnet, _pooled))
    counts = [pw.multiply_adds(model, (3, 224, 224)) for model in (plain, skipped, pooled)]
    assert counts[0] == 4089184256
    assert counts[1] < counts[0]
    assert counts[2] / counts[1] == pytest.approx(1.72, abs=0.01)


def _pooled(model: nn.Module) -> nn.Module:
    return pw.replace_pooling(model, GAUSSIAN)
