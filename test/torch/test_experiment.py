"""The experiment in small: its data, one short run of everything, its statistics, and going on after an interruption."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import poolwright_torch as pw
import pytest
import torch
from scipy import stats
from torch import Generator, nn

sys.path.insert(0, str(Path(__file__).parents[2] / "experiment"))

import cluttered_digits  # noqa: E402
import comparison  # noqa: E402
import intervals  # noqa: E402
import results_file  # noqa: E402
import run  # noqa: E402
import small_networks  # noqa: E402
import training  # noqa: E402


@pytest.fixture(autouse=True, scope="module")
def small() -> None:
    """Few digits, so that a run is two steps."""
    with pytest.MonkeyPatch.context() as patch:
        (digits, classes), _ = cluttered_digits.split()
        images = cluttered_digits.draw(digits[:20], digits, Generator().manual_seed(1))
        patch.setattr(training, "_data", lambda: ((digits[:64], classes[:64]), (images, classes[:20])))
        yield


def test_data_are_the_same_each_time() -> None:
    (digits, classes), (others, _) = cluttered_digits.split()
    assert len(digits) + len(others) == 1797
    assert torch.bincount(classes).min() > 120
    first, again, another = (cluttered_digits.draw(digits[:9], digits, Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, another)
    images, answers = cluttered_digits.test_set()
    assert torch.equal(images, cluttered_digits.test_set()[0])
    assert len(images) == len(answers) == cluttered_digits.TEST_DIGITS * cluttered_digits.TEST_PLACEMENTS


def test_a_digit_stays_on_its_canvas() -> None:
    placed = cluttered_digits._place(torch.ones(200, 8, 8), 1.0, Generator().manual_seed(1))
    # At no angle, all of its area; turned, a corner may stick out.
    areas = placed.sum((1, 2, 3)) / cluttered_digits.EXTENT[0] ** 2
    assert areas.min() > 0.9
    assert areas.max() <= (cluttered_digits.EXTENT[1] / cluttered_digits.EXTENT[0]) ** 2 * 1.05
    assert placed.shape == (200, 1, cluttered_digits.CANVAS, cluttered_digits.CANVAS)


@pytest.mark.parametrize("network", small_networks.NETWORKS)
def test_poolings_start_from_the_same_weights(network: str) -> None:
    with_max, *others = (
        dict(small_networks.build(network, pooling, 3).named_parameters()) for pooling in ("max", "skip", "gauss-CN")
    )
    for parameters in others:
        assert with_max.keys() <= parameters.keys()
        for name, parameter in with_max.items():
            assert torch.equal(parameter, parameters[name])


@pytest.mark.parametrize("network", small_networks.NETWORKS)
@pytest.mark.parametrize("pooling", small_networks.POOLINGS)
def test_every_network_trains(network: str, pooling: str) -> None:
    result = training.train(network, pooling, 1, epochs=1)
    assert math.isfinite(result["loss"][0])
    assert 0 <= result["accuracy"][0] <= 1
    again = training.train(network, pooling, 1, epochs=1)
    assert {**again, "seconds": result["seconds"]} == result


def test_pooled_networks_compute_more_than_skipped_ones() -> None:
    for network in small_networks.NETWORKS:
        skip, pooled = (pw.multiply_adds(small_networks.build(network, pooling, 1), (1, 24, 24)) for pooling in ("skip", "max"))
        assert 1.2 < pooled / skip < 4


@pytest.mark.parametrize(("plain", "function"), [(nn.MaxPool2d(2), pw.max), (nn.AvgPool2d(2), pw.avg)])
def test_max_and_avg_are_the_packages_own(plain: nn.Module, function: object) -> None:
    x = torch.randn(2, 3, 6, 6, generator=Generator().manual_seed(1))
    torch.testing.assert_close(pw.Pooling(function, 2)(x), plain(x))


def test_intervals_are_those_of_scipy() -> None:
    ours, theirs = [77.1, 78.4, 76.2, 79.0], [75.0, 77.9, 76.3, 77.0]
    for interval, tested in (
        (intervals.of_mean(ours), stats.ttest_1samp(ours, 0)),
        (intervals.of_mean(np.subtract(ours, theirs)), stats.ttest_rel(ours, theirs)),
    ):
        low, high = tested.confidence_interval(0.95)
        assert (interval.low, interval.high) == pytest.approx((low, high))
    assert intervals.of_mean([1.0]).half == math.inf


def test_repetitions_lie_in_their_intervals_19_times_of_20() -> None:
    random = np.random.default_rng(1)
    sizes = (5, 5, 3, 3)
    hits = 0
    for _ in range(1000):
        first, second = ([random.normal(70, 2, size) for size in sizes] for _ in range(2))
        expected = intervals.of_repetition(first)
        hits += all(interval.holds(values.mean()) for interval, values in zip(expected, second, strict=True))
    assert 0.93 < hits / 1000 < 0.98


def made_up(network: str, pooling: str, seed: int, accuracy: float) -> training.Result:
    return {
        "network": network,
        "pooling": pooling,
        "seed": seed,
        "accuracy": [accuracy],
        "loss": [1.0],
        "seconds": [1.0],
        "parameters": 10,
        "multiply_adds": 100,
    }


def test_verdicts_follow_the_intervals() -> None:
    accuracies = {
        "gauss-CN": (0.80, 0.82, 0.81),
        "max": (0.70, 0.73, 0.71),
        "avg": (0.90, 0.91, 0.92),
        "skip": (0.81, 0.80, 0.83),
    }
    runs = [made_up("vgg", pooling, seed, value) for pooling, values in accuracies.items() for seed, value in enumerate(values)]
    found = {one.other: one for one in comparison.differences(comparison.accuracies(runs))}
    assert {other: one.verdict for other, one in found.items()} == {"max": "better", "avg": "worse", "skip": "open"}
    assert found["max"].by_seed == pytest.approx((10, 9, 10))
    assert "| vgg | gauss-CN | max | +9.67 ± 1.43 | better |" in comparison.table(runs)


def test_a_repetition_is_compared_over_the_committed_seeds() -> None:
    runs = [made_up("vgg", pooling, seed, 0.8 + seed / 100) for pooling in ("max", "avg") for seed in range(3)]
    more = [made_up("vgg", pooling, 9, 0.1) for pooling in ("max", "avg")]
    same = comparison.repetition([*runs, *more], runs)
    assert (same.compared, same.outside) == (2, 0) and all("equal" in line for line in same.lines)
    moved = comparison.repetition([made_up("vgg", "max", seed, 0.95) for seed in range(3)], runs)
    assert (moved.compared, moved.outside) == (1, 1)
    assert "OUTSIDE" in moved.lines[0] and "not compared" in moved.lines[1]
    assert comparison.repetition(more, runs).compared == 0


def test_a_check_that_compares_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    committed = results_file.read(run.COMMITTED)["runs"]
    assert run._check(committed, training.EPOCHS) == 0
    assert run._check([{**one, "accuracy": [0.1]} for one in committed], training.EPOCHS) == 1
    assert run._check([one for one in committed if one["seed"] == 1], training.EPOCHS) == 2
    assert "nothing to compare" in capsys.readouterr().err


def test_what_is_committed_belongs_together() -> None:
    committed = results_file.read(run.COMMITTED)
    assert not results_file.other_setting(committed, training.EPOCHS)
    wanted = {
        (network, pooling, seed) for network in run.SEEDS for pooling in small_networks.POOLINGS for seed in run.SEEDS[network]
    }
    assert {results_file.key(one) for one in committed["runs"]} == wanted
    text = (run.COMMITTED.parent / "table.md").read_text()
    assert comparison.table(committed["runs"]) == text
    assert text in (run.HOME / "README.md").read_text()


def without_times(path: Path) -> dict:
    contents = json.loads(path.read_text())
    return {**contents, "runs": [{**one, "seconds": None} for one in contents["runs"]]}


def test_going_on_gives_what_one_go_gives(tmp_path: Path) -> None:
    runs = [training.train("vgg", pooling, 1, epochs=1) for pooling in ("max", "gauss-HWCN", "avg")]
    whole, parts = tmp_path / "whole" / "results.json", tmp_path / "parts" / "results.json"
    results_file.write(whole, runs, 1)

    results_file.write(parts, runs[:1], 1)
    kept = results_file.runs_to_continue(parts, 1)
    # The last one ran before in this process, the others after it: what came before must not matter.
    results_file.write(parts, [*kept, training.train("vgg", "avg", 1, 1), training.train("vgg", "gauss-HWCN", 1, 1)], 1)
    assert without_times(parts) == without_times(whole)
    assert list(parts.parent.iterdir()) == [parts]
    # Nothing is missing, so nothing is trained: a worker would have all the digits and take minutes.
    tasks = [results_file.key(one) for one in runs]
    assert run.run_all(tasks, parts, 1, workers=1) == results_file.read(parts)["runs"]
    assert run.run_all(tasks[:1], parts, 1, workers=1) == runs[:1]
    with pytest.raises(results_file.SettingError, match="--fresh"):
        results_file.runs_to_continue(parts, 2)
    parts.write_text(parts.read_text().replace(results_file.code(), "0123456789abcdef"))
    with pytest.raises(results_file.SettingError, match="other code"):
        results_file.runs_to_continue(parts, 1)
