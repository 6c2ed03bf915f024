"""Trains a network on ImageNet with the pooling of your choice, by the settings of the Gaussian pooling paper."""

import argparse
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checkpoint
import poolwright_torch as pw
import torch
import torch.distributed as dist
import torchvision
from data import TrainingImages, batches, load, seed_of, validation_images
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import Dataset, Subset

GUIDE = """
examples:
  one machine with four GPUs, the paper's ResNet-50 (21.10 % top-1 error; 23.45 % with --pooling skip):
    torchrun --nproc-per-node 4 train.py /data/imagenet --arch resnet50 --pooling gaussian-HWCN --out runs/gauss
  the same in 16 bits:
    torchrun --nproc-per-node 4 train.py /data/imagenet --amp bfloat16 --channels-last --out runs/gauss16
  a trial on a laptop, without torchrun:
    python train.py /data/imagenet --arch resnet18 --image-size 64 --limit 512 --batch-size 32 --epochs 2 --out runs/trial
  top-1 and top-5 of a checkpoint, over the whole validation set:
    torchrun --nproc-per-node 4 train.py /data/imagenet --evaluate runs/gauss/checkpoint.pt

The data folder has train/CLASS/*.jpg and val/CLASS/*.jpg. The six networks of the paper are vgg16_bn, vgg16_mod, resnet50,
resnet101, resnext50_32x4d and densenet169. A run that was stopped, by Ctrl-C, SIGTERM or a crash, goes on where its last
checkpoint was when the same command is given again.
"""


def pooled(make: Callable[[int, int, int, int], nn.Module]) -> Callable[[nn.Module], nn.Module]:
    return lambda network: pw.replace_pooling(network, make)


# By name: what becomes of a network as torchvision builds it.
POOLINGS: dict[str, Callable[[nn.Module], nn.Module]] = {
    "none": lambda network: network,
    "skip": pw.skip_resnet,
    "max": pooled(lambda _, k, s, p: nn.MaxPool2d(k, s, p)),
    "avg": pooled(lambda _, k, s, p: nn.AvgPool2d(k, s, p)),
    "softpool": pooled(lambda _, k, s, p: pw.Pooling(pw.softpool, k, s, p)),
    "gaussian-HWCN": pooled(lambda c, k, s, p: pw.GaussianPooling2d(c, k, s, p)),
    "gaussian-CN": pooled(lambda c, k, s, p: pw.GaussianPooling2d(c, k, s, p, stochasticity="CN")),
    "gaussian-none": pooled(lambda c, k, s, p: pw.GaussianPooling2d(c, k, s, p, stochasticity=None)),
}

# Settings that a network is built and run by, with their defaults; an evaluation takes them from the checkpoint.
NETWORK = {"arch": "resnet50", "pooling": "gaussian-HWCN", "image_size": 224, "amp": None, "channels_last": False}
# With these they decide the weights; a run goes on only with the same.
TRAINING = ("epochs", "batch_size", "lr", "momentum", "weight_decay", "schedule", "warmup", "limit", "seed")


class Help(argparse.RawDescriptionHelpFormatter):
    """Examples as they are written, and each default that says something."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default = NETWORK.get(action.dest, action.default)
        return f"{action.help} (default: {default})" if action.help and default not in (None, False) else action.help


def positive(text: str) -> int:
    """An integer of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is below 1")
    return value


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=GUIDE, formatter_class=Help)
    parser.add_argument("data", type=Path, help="folder with train/ and val/, a folder for each class in them")
    parser.add_argument("--out", type=Path, default=Path("runs/imagenet"), help="folder for checkpoint.pt and log.jsonl")
    parser.add_argument("--evaluate", type=Path, metavar="CHECKPOINT", help="print a checkpoint's validation, and do no more")

    network = parser.add_argument_group("network", "An evaluation takes all of these from the checkpoint.")
    network.add_argument("--arch", help="vgg16_mod, or one of torchvision's classification networks by name")
    network.add_argument(
        "--pooling",
        choices=POOLINGS,
        help="none: as torchvision builds it; skip: a ResNet with a stem of stride 4 and no pooling, the paper's baseline; the "
        "others stand where the paper pools, at a higher resolution in ResNets and DenseNets: log.jsonl has the multiply-adds",
    )

    network.add_argument("--image-size", type=positive, help="pixels of a side; validation resizes to 8/7 of it first")
    network.add_argument("--amp", choices=("float16", "bfloat16"), help="compute in 16 bits where it is safe")
    network.add_argument(
        "--channels-last",
        action="store_true",
        default=None,
        help="store feature maps with channels last: faster on GPUs",
    )

    training = parser.add_argument_group("training", "Defaults are the paper's.")
    training.add_argument("--epochs", type=positive, default=120, help="passes over the training images")
    training.add_argument("--batch-size", type=positive, default=256, help="images a step, over all processes")
    training.add_argument("--lr", type=float, default=0.1, help="learning rate; keep it in proportion to the batch size")
    training.add_argument("--momentum", type=float, default=0.9, help="of stochastic gradient descent")
    training.add_argument("--weight-decay", type=float, default=1e-4, help="of all parameters")
    training.add_argument(
        "--schedule",
        choices=("step", "cosine"),
        default="step",
        help="step: a tenth after each quarter of the epochs (30, 60, 90); cosine: down to 0",
    )
    training.add_argument("--warmup", type=float, default=0, metavar="EPOCHS", help="in which the learning rate rises from 0")
    training.add_argument("--limit", type=positive, help="at most so many images of either folder, spread over the classes")
    training.add_argument("--seed", type=int, default=0, help="of weights, order, augmentation and noise")

    machine = parser.add_argument_group("machine")
    machine.add_argument("--workers", type=int, default=4, help="processes that load images, for each process that trains")
    machine.add_argument("--checkpoint-every", type=positive, default=1000, metavar="STEPS", help="besides one after each epoch")
    machine.add_argument("--log-every", type=positive, default=50, metavar="STEPS", help="steps between records in log.jsonl")
    return parser.parse_args()


def settle(args: argparse.Namespace, network: dict[str, Any]) -> None:
    """Fills in the settings of the network that no flag names.

    Raises:
        SystemExit: a flag contradicts the checkpoint that is evaluated.
    """
    for name in NETWORK:
        asked = getattr(args, name)
        if args.evaluate and asked not in (None, network[name]):
            flag = f"--{name.replace('_', '-')}"
            raise SystemExit(f"{flag} {asked} contradicts {args.evaluate}, which has {network[name]}: leave the flag out")
        setattr(args, name, network[name] if asked is None else asked)


def check_batch(args: argparse.Namespace, world: int) -> None:
    """Raises SystemExit where a batch does not share out among the processes."""
    if args.batch_size % world:
        raise SystemExit(f"--batch-size {args.batch_size} is no multiple of the {world} processes: give one that is")
    if args.pooling.startswith("gaussian") and args.batch_size == world and not args.evaluate:
        raise SystemExit("one image a process has no batch statistics, which Gaussian pooling takes: give a larger --batch-size")


def settings_of(args: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(args, name) for name in (*NETWORK, *TRAINING)}


class Group:
    """The processes that train together, as torchrun starts them; without it, this one alone."""

    def __init__(self) -> None:
        local = int(os.environ.get("LOCAL_RANK", 0))
        self.device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        # gloo is there beside nccl for what lies on the CPU: votes and checkpoints.
        backend = "cpu:gloo,cuda:nccl" if self.device.type == "cuda" else "gloo"
        if "RANK" in os.environ:
            dist.init_process_group(backend)
        else:
            dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1)
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        self.is_first = self.rank == 0
        self.signal = 0

    def note_signals(self) -> None:
        """From here on Ctrl-C and SIGTERM are asked for by `stop_signal`, and interrupt nothing."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: object) -> None:
        self.signal = number

    def stop_signal(self) -> int:
        """The signal that any of the processes was sent, or 0. All wait for one another, and hear the same."""
        vote = torch.tensor(self.signal)
        dist.all_reduce(vote, dist.ReduceOp.MAX)
        return int(vote)

    def leave(self, number: int) -> None:
        """Ends the process as the signal would have, once all are here: the first one may be writing still."""
        self.stop_signal()
        raise SystemExit(128 + number)

    def shared(self, value: Callable[[], Any]) -> Any:
        """What the first process makes, or what it refuses, handed to all; only its machine has to have the files."""
        made, refused = None, None
        if self.is_first:
            try:
                made = value()
            except SystemExit as error:
                refused = str(error)
        box = [made, refused]
        dist.broadcast_object_list(box, 0)
        if box[1] is not None:
            raise SystemExit(box[1])
        return box[0]

    def progress(self, text: str) -> None:
        if self.is_first and sys.stderr.isatty():
            print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)


def build(arch: str, pooling: str, classes: int) -> nn.Module:
    """A network with its pooling.

    Raises:
        SystemExit: torchvision knows no such network, or the pooling has no place in it.
    """
    try:
        if arch == "vgg16_mod":
            return POOLINGS[pooling](pw.vgg16_mod(num_classes=classes))
        return POOLINGS[pooling](torchvision.models.get_model(arch, weights=None, num_classes=classes))
    except (TypeError, ValueError) as error:
        raise SystemExit(f"--arch {arch} --pooling {pooling}: {error}") from error


def learning_rate(step: int, steps_per_epoch: int, args: argparse.Namespace) -> float:
    """A function of the step in the whole run, so that there is no state to go on from."""
    epoch = step / steps_per_epoch
    if epoch < args.warmup:
        return args.lr * (epoch + 1 / steps_per_epoch) / args.warmup
    if args.schedule == "cosine":
        return args.lr * (1 + math.cos(math.pi * (epoch - args.warmup) / (args.epochs - args.warmup))) / 2
    return args.lr * 0.1 ** (4 * (step // steps_per_epoch) // args.epochs)


class Run:
    """A network with all that its next step depends on."""

    def __init__(self, args: argparse.Namespace, group: Group, classes: list[str]) -> None:
        self.args, self.group, self.classes = args, group, classes
        torch.manual_seed(args.seed)
        self.layout = torch.channels_last if args.channels_last else torch.contiguous_format
        self.network = build(args.arch, args.pooling, len(classes)).to(group.device, memory_format=self.layout)
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=args.lr, momentum=args.momentum, weight_decay=args.weight_decay
        )
        self.scaler = torch.amp.GradScaler(group.device.type, enabled=args.amp == "float16")
        self.epoch = 0
        self.step = 0
        # Weights begin alike in all processes, noise does not.
        torch.manual_seed(seed_of(args.seed, group.rank))

    def logits(self, network: nn.Module, images: Tensor) -> Tensor:
        images = images.to(self.group.device, memory_format=self.layout, non_blocking=True)
        dtype = getattr(torch, self.args.amp or "float32")
        with torch.autocast(self.group.device.type, dtype=dtype, enabled=self.args.amp is not None):
            return network(images).float()

    def train_step(self, network: nn.Module, images: Tensor, labels: Tensor, rate: float) -> Tensor:
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        labels = labels.to(self.group.device, non_blocking=True)
        loss = nn.functional.cross_entropy(self.logits(network, images), labels)
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss.detach()

    @torch.no_grad()
    def validate(self, images: Dataset) -> dict[str, float]:
        """Top-1 and top-5 accuracy in % and the mean loss, over each image once."""
        args, group = self.args, self.group
        own = Subset(images, range(group.rank, len(images), group.world))
        # Running statistics of batch norm differ between processes; a checkpoint has the first one's.
        for buffer in self.network.buffers():
            dist.broadcast(buffer, 0)
        self.network.eval()
        sums = torch.zeros(3, dtype=torch.float64, device=group.device)
        batches_of_own = load(own, args.workers, group.device.type == "cuda", batch_size=args.batch_size // group.world)
        for batch, labels in batches_of_own:
            logits, labels = self.logits(self.network, batch), labels.to(group.device)
            ranked = logits.topk(min(5, logits.shape[1])).indices == labels[:, None]
            loss = nn.functional.cross_entropy(logits, labels, reduction="none")
            sums += torch.stack([ranked[:, 0].sum(), ranked.sum(), loss.double().sum()])
        dist.all_reduce(sums)
        top1, top5, loss = (sums / len(images)).tolist()
        return {"images": len(images), "top1": 100 * top1, "top5": 100 * top5, "loss": loss}

    def save(self) -> None:
        states: list[Any] = [None] * self.group.world
        dist.all_gather_object(states, checkpoint.random_states(self.group.device))
        if self.group.is_first:
            content = {
                "settings": settings_of(self.args),
                "classes": self.classes,
                "epoch": self.epoch,
                "step": self.step,
                "model": self.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scaler": self.scaler.state_dict(),
                "random": states,
            }
            checkpoint.write(self.args.out / "checkpoint.pt", content)

    def restore(self, saved: dict[str, Any]) -> None:
        """Goes on from a checkpoint; refuses one that another command or another number of processes wrote."""
        path, was, now = self.args.out / "checkpoint.pt", saved["settings"], settings_of(self.args)
        if changed := [f"{name} was {was[name]}, is {value}" for name, value in now.items() if was[name] != value]:
            raise SystemExit(f"{path} is of another run ({'; '.join(changed)}): give another --out")
        if len(saved["random"]) != self.group.world:
            raise SystemExit(f"{path} is of {len(saved['random'])} processes, here are {self.group.world}: start as many")
        if saved["classes"] != self.classes:
            raise SystemExit(f"{path} was trained on other classes than those of {self.args.data / 'train'}: give another --out")
        self.network.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.scaler.load_state_dict(saved["scaler"])
        self.epoch, self.step = saved["epoch"], saved["step"]
        checkpoint.restore_random_states(saved["random"][self.group.rank], self.group.device)


def train(run: Run, images: TrainingImages, validation: Dataset, log: Callable[[dict[str, Any]], None]) -> None:
    """Trains to the last epoch, or until a signal comes: then the step is finished, a checkpoint is written, and all end."""
    args, group = run.args, run.group
    steps = len(images) // args.batch_size
    on_gpu = group.device.type == "cuda"
    network = DistributedDataParallel(run.network, device_ids=[group.device] if on_gpu else None)
    group.note_signals()
    while run.epoch < args.epochs:
        run.network.train()
        keys = batches(len(images), args.batch_size, args.seed, run.epoch, run.step, group.rank, group.world)
        since, done = time.monotonic(), 0
        for batch, labels in load(images, args.workers, on_gpu, batch_sampler=keys):
            rate = learning_rate(run.epoch * steps + run.step, steps, args)
            loss = run.train_step(network, batch, labels, rate)
            run.step += 1
            done += args.batch_size
            if run.step % args.log_every == 0:
                dist.all_reduce(loss)
                speed = done / (time.monotonic() - since)
                since, done = time.monotonic(), 0
                record = {"epoch": run.epoch, "step": run.step, "loss": loss.item() / group.world, "lr": rate}
                log({"event": "train", **record, "images_per_second": round(speed, 1)})
                group.progress(f"epoch {run.epoch + 1}/{args.epochs}, step {run.step}/{steps}, {speed:.0f} images/s")
            stopped = group.stop_signal()
            if stopped or run.step == steps or run.step % args.checkpoint_every == 0:
                run.save()
            if stopped:
                group.leave(stopped)
        result = run.validate(validation)
        log({"event": "validate", "epoch": run.epoch, **result})
        group.progress(f"epoch {run.epoch + 1}/{args.epochs}: top-1 {result['top1']:.2f} %, top-5 {result['top5']:.2f} %\n")
        if stopped := group.stop_signal():
            group.leave(stopped)
        run.epoch, run.step = run.epoch + 1, 0


def main() -> None:
    args = arguments()
    group = Group()
    torch.backends.cudnn.benchmark = True

    if args.evaluate:
        saved = group.shared(lambda: checkpoint.read(args.evaluate))
        settle(args, saved["settings"])
        check_batch(args, group.world)
        validation = validation_images(args.data / "val", args.image_size, args.limit, saved["classes"])
        run = Run(args, group, saved["classes"])
        run.network.load_state_dict(saved["model"])
        result = run.validate(validation)
        if group.is_first:
            print(json.dumps(result))
        return

    settle(args, NETWORK)
    check_batch(args, group.world)
    images = TrainingImages(args.data / "train", args.image_size, args.limit, args.seed)
    if len(images) < args.batch_size:
        raise SystemExit(f"{len(images)} training images fill no batch of {args.batch_size}: give a smaller --batch-size")
    validation = validation_images(args.data / "val", args.image_size, args.limit, images.classes)
    run = Run(args, group, images.classes)
    if group.is_first:
        args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "checkpoint.pt"
    if saved := group.shared(lambda: checkpoint.read(path) if path.exists() else None):
        run.restore(saved)

    def log(record: dict[str, Any]) -> None:
        if group.is_first:
            with (args.out / "log.jsonl").open("a") as file:
                print(json.dumps(record), file=file)

    counted = pw.multiply_adds(run.network, (3, args.image_size, args.image_size))
    begun = {"epoch": run.epoch, "step": run.step, "processes": group.world, "multiply_adds": counted}
    log({"event": "start", **begun, **settings_of(args)})
    train(run, images, validation, log)


if __name__ == "__main__":
    end = None
    try:
        main()
    except SystemExit as reached:
        end = reached.code
    # Not after an error: on GPUs this waits for the other processes, and they wait for this one until it is gone.
    if dist.is_initialized():
        dist.destroy_process_group()
    sys.exit(end)
