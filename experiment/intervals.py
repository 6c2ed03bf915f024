"""Means and differences of a few runs with their 95 % t intervals, and which mean a repetition may have."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean, and how far its interval reaches to either side."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def of_mean(values: Sequence[float]) -> Interval:
    """The t interval of a mean; of one value alone it is endless."""
    count = len(values)
    if count < 2:
        return Interval(float(np.mean(values)), float("inf"))
    deviation = np.std(values, ddof=1) / np.sqrt(count)
    return Interval(float(np.mean(values)), float(t.ppf((1 + LEVEL) / 2, count - 1) * deviation))


def of_repetition(cells: Sequence[Sequence[float]]) -> list[Interval]:
    """Where the means of a second experiment are expected, those of all cells at once with a probability of 95 %.

    A second experiment with other rounding is another draw: its mean varies as the first one's did, and so leaves the interval
    of the mean itself more often than one time in twenty. The spread within cells is taken as common to all, which steadies an
    estimate from three runs, and the level is divided among the cells (Bonferroni).

    Args:
        cells: values of each cell, at least two a cell.
    """
    freedom = sum(len(values) - 1 for values in cells)
    spread = np.sqrt(sum(np.sum((values - np.mean(values)) ** 2) for values in map(np.asarray, cells)) / freedom)
    factor = t.ppf(1 - (1 - LEVEL) / 2 / len(cells), freedom) * spread
    return [Interval(float(np.mean(values)), float(factor * np.sqrt(2 / len(values)))) for values in cells]
