"""The ImageNet example, run as users run it: two processes by torchrun, on made-up images, stopped and killed on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torchvision_here  # noqa: F401
from PIL import Image

TESTS = Path(__file__).parent
EXAMPLE = TESTS.parents[1] / "python" / "examples" / "imagenet"
sys.path.insert(0, str(EXAMPLE))

import checkpoint  # noqa: E402
import data as images_of  # noqa: E402
import train  # noqa: E402

# 22 training images make five batches of 4, and 7 validation images do not share out evenly.
TRAINING, VALIDATION, STEPS, EPOCHS = 22, 7, 5, 2

# All on one worker: they share a run of a minute.
pytestmark = pytest.mark.xdist_group("train")

# Seconds that one program may take on a machine with much else to do.
PATIENCE = 180


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes of one colour each, with noise on it."""
    root = tmp_path_factory.mktemp("images")
    torch.manual_seed(1)
    for part, count in (("train", TRAINING), ("val", VALIDATION)):
        for index in range(count):
            of_class = root / part / "abc"[index % 3]
            of_class.mkdir(parents=True, exist_ok=True)
            colour = torch.eye(3)[index % 3] * 100 + 50
            pixels = (colour + 40 * torch.rand(40, 40, 3)).byte().numpy()
            Image.fromarray(pixels).save(of_class / f"{index}.png")
    return root


def start(*arguments: str, processes: int = 2) -> subprocess.Popen[str]:
    """Starts the example, by torchrun unless for no process but its own."""
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)) if processes else ()
    path = os.pathsep.join([str(TESTS / "site"), str(TESTS), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *torchrun, str(EXAMPLE / "train.py"), *arguments]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    return out


def training(folder: Path, out: Path) -> tuple[str, ...]:
    network = ("--arch", "resnet18", "--pooling", "gaussian-HWCN", "--image-size", "32")
    lengths = ("--epochs", str(EPOCHS), "--batch-size", "4", "--lr", "0.01", "--workers", "1")
    return (str(folder), "--out", str(out), *network, *lengths, "--checkpoint-every", "2", "--log-every", "1")


def log_of(out: Path) -> list[dict]:
    path = out / "log.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def until(process: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing interrupts."""
    out = tmp_path_factory.mktemp("whole")
    finish(start(*training(folder, out)))
    return out


def test_the_log_has_each_step_and_epoch(whole: Path) -> None:
    begun, *rest = log_of(whole)
    assert begun["event"] == "start" and begun["processes"] == 2 and begun["multiply_adds"] > 0
    order = [(record["event"], record["epoch"], record.get("step")) for record in rest]
    steps = [[*(("train", epoch, step + 1) for step in range(STEPS)), ("validate", epoch, None)] for epoch in range(EPOCHS)]
    assert order == [record for epoch in steps for record in epoch]
    assert all(record["images"] == VALIDATION for record in rest if record["event"] == "validate")


def test_killed_and_stopped_a_run_ends_with_the_same_weights(folder: Path, whole: Path, tmp_path: Path) -> None:
    def reached(epoch: int, step: int) -> Callable[[], bool]:
        return lambda: any((one["epoch"], one.get("step")) == (epoch, step) for one in log_of(tmp_path))

    # SIGTERM in the first epoch: the step is finished and kept.
    process = start(*training(folder, tmp_path))
    until(process, reached(0, 1))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    stopped = torch.load(tmp_path / "checkpoint.pt")
    last = log_of(tmp_path)[-1]
    assert (stopped["epoch"], stopped["step"]) == (last["epoch"], last["step"])

    # SIGKILL in the second, past a checkpoint: what came after that is done again.
    process = start(*training(folder, tmp_path))
    until(process, reached(1, 3))
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0

    finish(start(*training(folder, tmp_path)))
    starts = [(one["epoch"], one["step"]) for one in log_of(tmp_path) if one["event"] == "start"]
    assert starts[0] == (0, 0) and starts[1] == (stopped["epoch"], stopped["step"]) and starts[2][0] == 1 and starts[2][1] > 0
    assert log_of(tmp_path)[-1] == log_of(whole)[-1]
    ours, theirs = (torch.load(out / "checkpoint.pt") for out in (tmp_path, whole))
    assert ours["model"].keys() == theirs["model"].keys()
    assert all(torch.equal(ours["model"][name], theirs["model"][name]) for name in ours["model"])


def test_evaluate_gives_the_numbers_of_the_log(folder: Path, whole: Path) -> None:
    evaluation = ("--evaluate", str(whole / "checkpoint.pt"), "--batch-size", "4", "--workers", "0")
    got = json.loads(finish(start(str(folder), *evaluation)))
    logged = log_of(whole)[-1]
    assert got == {name: logged[name] for name in ("images", "top1", "top5", "loss")}


def test_an_evaluation_takes_the_network_of_the_checkpoint() -> None:
    unsaid = dict.fromkeys(train.NETWORK)
    args = Namespace(evaluate=Path("some.pt"), **{**unsaid, "amp": "float16"})
    train.settle(args, {**train.NETWORK, "image_size": 32, "amp": "float16"})
    assert (args.image_size, args.amp, args.arch) == (32, "float16", "resnet50")
    with pytest.raises(SystemExit, match=r"--image-size 64 contradicts some\.pt, which has 32: leave the flag out"):
        train.settle(Namespace(evaluate=Path("some.pt"), **{**unsaid, "image_size": 64}), {**train.NETWORK, "image_size": 32})


@pytest.mark.parametrize(
    ("file", "why"), [("missing", "cannot be read"), ("text", "cannot be read"), ("state-dict", "is no check")]
)
def test_what_is_no_checkpoint_is_refused(file: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / file
    if file == "text":
        path.write_text("no checkpoint")
    elif file == "state-dict":
        torch.save(torch.nn.Linear(1, 1).state_dict(), path)
    with pytest.raises(SystemExit, match=f"{path} {why}"):
        checkpoint.read(path)


def test_classes_that_differ_between_the_folders_are_refused(folder: Path, tmp_path: Path) -> None:
    for of_class in "bc":
        (tmp_path / of_class).symlink_to(folder / "val" / of_class)
    assert len(images_of.validation_images(tmp_path, 32, None, ["b", "c"])) > 0
    with pytest.raises(SystemExit, match=f"{tmp_path} has 2 classes, and training 3; a is missing there."):
        images_of.validation_images(tmp_path, 32, None, ["a", "b", "c"])


def test_networks_that_cannot_be_are_refused() -> None:
    with pytest.raises(SystemExit, match="--arch resnet0 --pooling avg: Unknown model resnet0"):
        train.build("resnet0", "avg", 3)
    with (
        pytest.raises(SystemExit, match="--arch alexnet --pooling avg: .*AlexNet is no network whose pooling is known"),
        torch.device("meta"),
    ):
        train.build("alexnet", "avg", 3)


def test_batches_that_do_not_share_out_are_refused() -> None:
    with pytest.raises(SystemExit, match="--batch-size 7 is no multiple of the 2 processes"):
        train.check_batch(Namespace(batch_size=7, pooling="avg", evaluate=None), 2)
    with pytest.raises(SystemExit, match="one image a process has no batch statistics"):
        train.check_batch(Namespace(batch_size=2, pooling="gaussian-CN", evaluate=None), 2)


def test_counts_are_at_least_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", "folder", "--log-every", "0"])
    with pytest.raises(SystemExit):
        train.arguments()
    assert "argument --log-every: 0 is below 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (("--momentum", "0.5"), "is of another run (momentum was 0.9, is 0.5): give another --out"),
        ((), "is of 2 processes, here are 1: start as many"),
    ],
)
def test_another_command_does_not_go_on(changed: tuple[str, ...], why: str, folder: Path, whole: Path) -> None:
    """This one runs without torchrun, too."""
    process = start(*training(folder, whole), *changed, processes=0)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert errors.endswith(f"{whole}/checkpoint.pt {why}\n")


def test_the_learning_rate_of_the_paper() -> None:
    paper = Namespace(lr=0.1, schedule="step", epochs=120, warmup=0)
    epochs = [0, 29, 30, 59, 60, 89, 90, 119]
    rates = [train.learning_rate(10 * epoch + 9, 10, paper) for epoch in epochs]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001])


def test_warm_up_and_cosine() -> None:
    args = Namespace(lr=0.4, schedule="cosine", epochs=6, warmup=2)
    rates = [train.learning_rate(step, 2, args) for step in (0, 1, 2, 3, 4, 8, 12)]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.2, 0])


def run_of(**settings: object) -> train.Run:
    """A run in this process, of two classes."""
    paper = {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4, "amp": None, "channels_last": False, "seed": 0}
    args = Namespace(**{"arch": "resnet18", "pooling": "gaussian-HWCN", **paper, **settings})
    return train.Run(args, Namespace(device=torch.device("cpu"), rank=0, world=1), ["a", "b"])


def step(run: train.Run) -> float:
    """The loss before a step on eight images that do not change."""
    images = torch.randn(8, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    return run.train_step(run.network.train(), images, torch.arange(8) % 2, 0.01).item()


@pytest.mark.parametrize("pooling", train.POOLINGS)
def test_every_pooling_trains(pooling: str) -> None:
    run = run_of(pooling=pooling)
    losses = [step(run) for _ in range(4)]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("amp", ["float16", "bfloat16"])
def test_16_bits_and_channels_last_train(amp: str) -> None:
    run = run_of(amp=amp, channels_last=True)
    assert run.scaler.is_enabled() == (amp == "float16")
    seen: list[torch.Tensor] = []
    run.network.layer1.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    assert step(run) == pytest.approx(step(run_of()), rel=0.02)
    assert seen[0].is_contiguous(memory_format=torch.channels_last)
    assert all(parameter.dtype == torch.float32 and parameter.isfinite().all() for parameter in run.network.parameters())


def test_the_six_networks_are_known() -> None:
    with torch.device("meta"):
        for arch in ("vgg16_bn", "vgg16_mod", "resnet50", "resnet101", "resnext50_32x4d", "densenet169"):
            assert train.build(arch, "gaussian-none", 7)(torch.empty(2, 3, 32, 32)).shape == (2, 7)


def test_batches_cover_an_epoch_once_and_go_on_anywhere() -> None:
    ranks = [images_of.batches(22, 4, seed=1, epoch=3, first_step=0, rank=rank, world=2) for rank in (0, 1)]
    keys = [key for of_rank in ranks for batch in of_rank for key in batch]
    assert {epoch for epoch, _ in keys} == {3}
    assert len(keys) == len(set(keys)) == STEPS * 4
    assert images_of.batches(22, 4, seed=1, epoch=3, first_step=2, rank=1, world=2) == ranks[1][2:]
    assert images_of.batches(22, 4, seed=1, epoch=4, first_step=0, rank=0, world=2)[0] != ranks[0][0]


def test_an_image_is_augmented_by_epoch_and_index_alone(folder: Path) -> None:
    images = images_of.TrainingImages(folder / "train", 32, None, seed=1)
    state = torch.get_rng_state()
    first, _ = images[(0, 5)]
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(99)
    assert torch.equal(images[(0, 5)][0], first)
    assert not torch.equal(images[(1, 5)][0], first)


def test_limited_images_are_of_all_classes(folder: Path) -> None:
    images = images_of.TrainingImages(folder / "train", 32, 3, seed=1)
    assert {images[(0, index)][1] for index in range(len(images))} == {0, 1, 2}


def test_lighting_moves_all_pixels_of_an_image_alike() -> None:
    torch.manual_seed(1)
    shifts = torch.stack([images_of.Lighting(0.1)(torch.zeros(3, 2, 2)) for _ in range(2000)])
    assert torch.equal(shifts, shifts[:, :, :1, :1].expand_as(shifts))
    covariance = shifts[:, :, 0, 0].T.cov()
    vectors, values = images_of.Lighting.vectors, images_of.Lighting.values
    torch.testing.assert_close(covariance, vectors @ torch.diag((0.1 * values) ** 2) @ vectors.T, rtol=0.15, atol=2e-6)
