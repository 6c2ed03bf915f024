"""What the runs say: accuracies of each network and pooling, and Gaussian pooling's differences to the others, as a table."""

import math
from collections import defaultdict
from dataclasses import dataclass

from intervals import Interval, of_mean, of_repetition
from small_networks import NETWORKS, POOLINGS
from training import Result

GAUSSIAN = tuple(pooling for pooling in POOLINGS if pooling.startswith("gauss"))
OTHERS = tuple(pooling for pooling in POOLINGS if pooling not in GAUSSIAN)

Cell = tuple[str, str]  # network and pooling


@dataclass(frozen=True)
class Difference:
    """Gaussian pooling's accuracy minus another's, in percentage points, by seed and on average."""

    network: str
    gaussian: str
    other: str
    by_seed: tuple[float, ...]
    interval: Interval

    @property
    def verdict(self) -> str:
        """Which is better, where the interval leaves no doubt."""
        if self.interval.holds(0):
            return "open"
        return "better" if self.interval.mean > 0 else "worse"


def accuracies(runs: list[Result]) -> dict[Cell, dict[int, float]]:
    """Accuracy after the last epoch, in percent, by cell and seed; in the order of NETWORKS and POOLINGS."""
    found: dict[Cell, dict[int, float]] = defaultdict(dict)
    for run in sorted(runs, key=lambda run: run["seed"]):
        found[run["network"], run["pooling"]][run["seed"]] = 100 * run["accuracy"][-1]
    return {cell: found[cell] for network in NETWORKS for pooling in POOLINGS if (cell := (network, pooling)) in found}


def differences(cells: dict[Cell, dict[int, float]]) -> list[Difference]:
    """Each Gaussian pooling against each other pooling in the same network, over the seeds that both have."""
    pairs = [(network, gaussian, other) for network in NETWORKS for gaussian in GAUSSIAN for other in OTHERS]
    found = []
    for network, gaussian, other in pairs:
        ours, theirs = cells.get((network, gaussian), {}), cells.get((network, other), {})
        if seeds := sorted(ours.keys() & theirs.keys()):
            by_seed = tuple(ours[seed] - theirs[seed] for seed in seeds)
            found.append(Difference(network, gaussian, other, by_seed, of_mean(by_seed)))
    return found


def table(runs: list[Result]) -> str:
    """Two tables in Markdown: accuracies, and differences."""
    cells = accuracies(runs)
    sizes = {(run["network"], run["pooling"]): (run["parameters"], run["multiply_adds"]) for run in runs}
    lines = [
        "Test accuracy after the last epoch, in %: mean over the seeds and its 95 % t interval.",
        "",
        "| network | pooling | seeds | accuracy | parameters | multiply-adds an image |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for (network, pooling), by_seed in cells.items():
        parameters, work = sizes[network, pooling]
        shown = _shown(of_mean(list(by_seed.values())))
        lines.append(f"| {network} | {pooling} | {len(by_seed)} | {shown} | {parameters:,} | {work / 1e6:.2f} million |")
    lines += [
        "",
        "Gaussian pooling minus the other, in percentage points: mean difference of runs with one seed and its 95 % t interval.",
        "*Open*: the interval has 0 in it.",
        "",
        "| network | Gaussian | other | difference | Gaussian is |",
        "| --- | --- | --- | ---: | --- |",
    ]
    for one in differences(cells):
        shown = _shown(one.interval, sign=True)
        lines.append(f"| {one.network} | {one.gaussian} | {one.other} | {shown} | {one.verdict} |")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Repetition:
    """How an experiment compares with an earlier one: a line for each cell, how many were compared, and how many lie outside."""

    lines: list[str]
    compared: int
    outside: int


def repetition(runs: list[Result], committed: list[Result]) -> Repetition:
    """Compares means over the seeds of an earlier experiment; a cell that was not run with all of them is named."""
    ours, theirs = accuracies(runs), accuracies(committed)
    expected = of_repetition([list(by_seed.values()) for by_seed in theirs.values()])
    lines, compared, outside = [], 0, 0
    for (cell, by_seed), interval in zip(theirs.items(), expected, strict=True):
        again = {seed: value for seed, value in ours.get(cell, {}).items() if seed in by_seed}
        name = f"{' '.join(cell):20}"
        if again.keys() != by_seed.keys():
            lines.append(f"{name} not compared: it was not run with all of the seeds {', '.join(map(str, by_seed))}")
            continue
        mean = of_mean(list(again.values())).mean
        compared += 1
        outside += not interval.holds(mean)
        where = "equal" if again == by_seed else "within" if interval.holds(mean) else "OUTSIDE"
        lines.append(f"{name} {mean:6.2f} %   {where} {interval.low:6.2f} to {interval.high:6.2f}")
    return Repetition(lines, compared, outside)


def _shown(interval: Interval, sign: bool = False) -> str:
    """The mean and its interval; one run alone has none."""
    half = f" ± {interval.half:.2f}" if math.isfinite(interval.half) else ""
    return f"{interval.mean:{'+' if sign else ''}.2f}{half}"
