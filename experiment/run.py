"""Trains small networks with every pooling, and reports which did better. `python experiment/run.py --help` says how."""

import argparse
import multiprocessing
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import results_file
import torch
from comparison import repetition, table
from pictures import draw_comparison, draw_curves, draw_digits
from results_file import Key, SettingError
from small_networks import NETWORKS, POOLINGS
from training import EPOCHS, Result, train

HOME = Path(__file__).parent
COMMITTED = HOME / "results" / "results.json"
SEEDS = {"resnet": (1, 2, 3, 4, 5), "vgg": (1, 2, 3)}

TEACHING = """
examples:
  python experiment/run.py                                    everything, into out/experiment
  python experiment/run.py --networks vgg --seeds 1 --epochs 2 --out out/look     a first look, in a few minutes
  python experiment/run.py --check                            everything, then compare with the committed table
  python experiment/run.py --fresh --out experiment/results   make the committed table again

Every run is kept as soon as it is done. After Ctrl-C the same command goes on with the runs that are missing.
Exit codes: 0 done; 1 --check found a mean where a repetition's is not expected; 2 bad arguments, or --check found nothing to
compare; 130 interrupted.
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Trains small networks with skip, max, avg, softpool and Gaussian pooling, and compares them by seed.",
        epilog=TEACHING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    out = HOME.parent / "out" / "experiment"
    parser.add_argument("--out", type=Path, default=out, help="folder of results.json, table.md and pictures (out/experiment)")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS), metavar="NAME", help="resnet, vgg")
    parser.add_argument(
        "--poolings", nargs="+", choices=POOLINGS, default=list(POOLINGS), metavar="NAME", help=", ".join(POOLINGS)
    )
    parser.add_argument("--seeds", nargs="+", type=int, metavar="N", help="of all networks (1 to 5 for resnet, 1 to 3 for vgg)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of each run ({EPOCHS})")
    parser.add_argument("--workers", type=int, default=2, help="processes, a thread each (2)")
    parser.add_argument("--fresh", action="store_true", help="forget the runs that --out has")
    parser.add_argument("--check", action="store_true", help="compare with experiment/results afterwards")
    given = parser.parse_args()
    for name in ("epochs", "workers"):
        if getattr(given, name) < 1:
            parser.error(f"--{name} is {getattr(given, name)}; it must be at least 1")
    return given


def _progress(done: int, tasks: int, began: float) -> None:
    """How far it is, on a terminal only."""
    if sys.stderr.isatty():
        left = f", {(time.monotonic() - began) / done * (tasks - done) / 60:.0f} min left" if done else ""
        print(f"\r{done} of {tasks} runs{left}".ljust(40), end="\n" if done == tasks else "", file=sys.stderr, flush=True)


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """For the start of workers: they stay so, and Ctrl-C is for their parent alone to answer."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def run_all(tasks: list[Key], path: Path, epochs: int, workers: int) -> list[Result]:
    """Carries out the runs that the file lacks, and writes it after each.

    Returns:
        The runs of these tasks; the file may have more.

    Raises:
        SettingError: the file has runs of another setting.
    """
    runs = results_file.runs_to_continue(path, epochs)
    done = {results_file.key(run) for run in runs}
    missing = [task for task in tasks if task not in done]
    began = time.monotonic()
    _progress(0, len(missing), began)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        try:
            with _ignoring_interrupts():
                futures = [pool.submit(train, *task, epochs) for task in missing]
            for count, future in enumerate(as_completed(futures), 1):
                runs.append(future.result())
                results_file.write(path, runs, epochs)
                _progress(count, len(missing), began)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
    return [run for run in runs if results_file.key(run) in tasks]


def main() -> int:
    given = arguments()
    path = given.out / "results.json"
    if given.fresh:
        path.unlink(missing_ok=True)
    # By seed first, so that what an interrupted experiment has can be compared.
    tasks = [
        (network, pooling, seed)
        for seed in given.seeds or range(1, 6)
        for network in given.networks
        for pooling in given.poolings
        if given.seeds or seed in SEEDS[network]
    ]
    try:
        runs = run_all(tasks, path, given.epochs, given.workers)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\ninterrupted; {path} keeps the runs that are done, and the same command goes on", file=sys.stderr)
        return 130
    text = table(runs)
    (given.out / "table.md").write_text(text)
    draw_digits(given.out / "digits.png")
    draw_curves(runs, given.out / "curves.png")
    draw_comparison(runs, given.out / "comparison.png")
    print(text)
    return _check(runs, given.epochs) if given.check else 0


def _check(runs: list[Result], epochs: int) -> int:
    """Prints how the means compare with the committed ones; the exit code."""
    committed = results_file.read(COMMITTED)
    if difference := results_file.other_setting(committed, epochs):
        print(f"nothing to compare: the committed runs have {difference}", file=sys.stderr)
        return 2
    print(f"Committed runs were made with {committed['versions']}, these with {results_file.versions()}.")
    print("Means, and where those of a repetition are expected (all at once, 95 %) after the committed runs:")
    found = repetition(runs, committed["runs"])
    print(*found.lines, sep="\n")
    if found.compared == 0:
        print("nothing to compare: no network and pooling was run with all of the committed seeds", file=sys.stderr)
        return 2
    return 1 if found.outside else 0


if __name__ == "__main__":
    sys.exit(main())
