"""Pictures of the data and of the runs: error over the epochs, and differences with their intervals."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from cluttered_digits import test_set  # noqa: E402
from comparison import GAUSSIAN, OTHERS, accuracies, differences  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from small_networks import NETWORKS  # noqa: E402
from training import Result  # noqa: E402

# Colours by M. Okabe and K. Ito, told apart with every kind of colour vision; the dashes say the same once more.
STYLES = {
    "skip": ("#555555", ":"),
    "max": ("#0072B2", "--"),
    "avg": ("#009E73", "-."),
    "softpool": ("#CC79A7", (0, (6, 1.5))),
    "gauss-HWCN": ("#D55E00", "-"),
    "gauss-CN": ("#7B3294", "-"),
    "gauss-none": ("#000000", "-"),
}
ERRORS = (10, 15, 20, 30, 50, 90)  # in percent, marked on the axis
TITLES = {"resnet": "like ResNet", "vgg": "like VGG"}
LOOK: dict[Any, Any] = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "savefig.dpi": 120,
}


def draw_digits(path: Path) -> None:
    """The first images of the test set, and what they show."""
    images, answers = test_set()
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(2, 10, figsize=(9, 2.2), layout="constrained")
        for image, answer, panel in zip(images, answers, axes.flat, strict=False):
            panel.imshow(image[0], cmap="gray", interpolation="nearest")
            panel.set_title(int(answer))
            panel.set_axis_off()
        figure.savefig(path)
        plt.close(figure)


def draw_curves(runs: list[Result], path: Path) -> None:
    """Mean test error after each epoch, one panel a network; on a scale of ratios, where the last epochs can be told apart."""
    with plt.rc_context(LOOK):
        figure, panels = _panels(runs, height=4.4)
        for network, panel in panels.items():
            for pooling, (colour, dashes) in STYLES.items():
                curves = [run["accuracy"] for run in runs if (run["network"], run["pooling"]) == (network, pooling)]
                if curves:
                    mean = 100 - 100 * np.mean(curves, axis=0)
                    panel.plot(np.arange(1, len(mean) + 1), mean, color=colour, linestyle=dashes, linewidth=2, label=pooling)
            panel.set_yscale("log")
            panel.set_yticks(ERRORS, [str(error) for error in ERRORS])
            panel.minorticks_off()
            panel.set_xlabel("epoch")
            panel.grid(alpha=0.3)
        first, *_ = panels.values()
        first.set_ylabel("test error, %, mean over seeds")
        first.legend(frameon=False, loc="lower left")
        figure.savefig(path)
        plt.close(figure)


def draw_comparison(runs: list[Result], path: Path) -> None:
    """Each Gaussian pooling minus each other pooling: single seeds, their mean, and its 95 % t interval."""
    cells = accuracies(runs)
    found = differences(cells)
    height = 1.6 + 0.3 * len(GAUSSIAN) * len(OTHERS)
    with plt.rc_context(LOOK):
        figure, panels = _panels(runs, height)
        labels = [(gaussian, other) for gaussian in GAUSSIAN for other in OTHERS]
        for network, panel in panels.items():
            panel.axvline(0, color="#888888", linewidth=1)
            for one in (one for one in found if one.network == network):
                row = _row(*labels[labels.index((one.gaussian, one.other))])
                colour, _ = STYLES[one.gaussian]
                panel.plot(one.by_seed, [row + 0.3] * len(one.by_seed), "o", color=colour, alpha=0.4, markersize=3.5)
                panel.errorbar(one.interval.mean, row, xerr=one.interval.half, fmt="D", color=colour, capsize=3, markersize=5)
            panel.set_xlabel("difference, percentage points")
            panel.grid(axis="x", alpha=0.3)
        first, *_ = panels.values()
        first.set_yticks([_row(*label) for label in labels], [f"{gaussian} − {other}" for gaussian, other in labels])
        first.invert_yaxis()
        figure.savefig(path)
        plt.close(figure)


def _row(gaussian: str, other: str) -> float:
    """Its place from the top, with a gap between the Gaussian poolings."""
    return GAUSSIAN.index(gaussian) * (len(OTHERS) + 0.7) + OTHERS.index(other)


def _panels(runs: list[Result], height: float) -> tuple[plt.Figure, dict[str, Axes]]:
    """A panel for each network that was run, side by side on the same scales."""
    networks = [network for network in NETWORKS if any(run["network"] == network for run in runs)]
    figure, axes = plt.subplots(
        1, len(networks), figsize=(9, height), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    panels = dict(zip(networks, axes[0], strict=True))
    for network, panel in panels.items():
        seeds = len({run["seed"] for run in runs if run["network"] == network})
        panel.set_title(f"{TITLES[network]}, {seeds} seed{'s' if seeds > 1 else ''}")
    return figure, panels
