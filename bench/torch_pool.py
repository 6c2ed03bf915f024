#!/usr/bin/env python3
"""PyTorch's pooling, timed on a GPU: the peer of `npm run bench:cuda`, which starts this and asks for one round at a time.

Says first what it is, in a line of JSON: PyTorch, CUDA, the GPU, bytes of its second-level cache. Then each line that comes in
is a row: operator, direction, variant, sizes and copies; the answer is milliseconds a call, by events. The first request of a row
prepares it: it is checked against float64 on the CPU, on a small tensor of the same geometry; copies of its tensors are made, so
many that they exceed the cache; and its calls are captured into one CUDA graph, so that the cost of launches does not count
(`graph` is false where the capture failed, and launches are included). {"forget": true} lets go of all rows.

    python bench/torch_pool.py --cpu        # the same without a GPU: checks the script itself, not the speed
"""

import json
import sys
import time

import torch
import torch.nn.functional as F

DEVICE = "cpu" if "--cpu" in sys.argv else "cuda"
EPS = 1e-6


def windows(x, k, s, p):
    return F.pad(x, (p, p, p, p)).unfold(2, k, s).unfold(3, k, s)


def max_pool(x, w, k, s, p):
    return F.adaptive_max_pool2d(x, 1) if k is None else F.max_pool2d(x, k, s, p)


def avg_pool(x, w, k, s, p):
    return F.adaptive_avg_pool2d(x, 1) if k is None else F.avg_pool2d(x, k, s, p)


def gaussian_e2(x, w, k, s, p):
    """As people write it: E[x^2] - E[x]^2. Fast to compose, loses digits when the mean is large."""
    m = avg_pool(x, w, k, s, p)
    v = avg_pool(x * x, w, k, s, p) - m * m
    return m + w.view(1, -1, 1, 1) * v.clamp_min(EPS).sqrt()


def gaussian(x, w, k, s, p):
    """The same operator in two passes over the window, as Poolwright computes it."""
    u = x.flatten(2).unsqueeze(2).unsqueeze(2) if k is None else windows(x, k, s, p).flatten(4)
    m = u.mean(-1)
    v = (u - m.unsqueeze(-1)).square().mean(-1)
    return m + w.view(1, -1, 1, 1) * v.clamp_min(EPS).sqrt()


def function_of(operator, variant):
    table = {"max": max_pool, "avg": avg_pool, "gaussian": gaussian_e2 if variant.endswith("-e2") else gaussian}
    fn = table[operator]
    return torch.compile(fn, dynamic=False) if variant.startswith("compile") else fn


def gradients(fn, x, w, geometry):
    x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
    y = fn(x, w, *geometry)
    return y.detach(), torch.autograd.grad(y.sum(), (x, w), allow_unused=True)[0]


def wrong(fn, row, geometry):
    """Largest error over its tolerance, of result and gradient, on a small tensor: above 1 is wrong."""
    shape = (2, 8, min(row["height"], 14), min(row["width"], 14))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    w = torch.full((8,), 0.5)
    want = gradients(function_of(row["operator"], "eager"), x.double(), w.double(), geometry)
    got = gradients(fn, x.to(DEVICE), w.to(DEVICE), geometry)
    return max(((a.cpu().double() - b).abs() / (1e-3 * (1 + b.abs()))).max().item() for a, b in zip(got, want))


def calls_of(fn, row, geometry):
    """The calls of a row, each on tensors of its own; backward alone where the graph of autograd can be kept."""
    shape = (row["samples"], row["channels"], row["height"], row["width"])
    w = torch.full((shape[1],), 0.5, device=DEVICE)
    xs = [torch.randn(shape, device=DEVICE) for _ in range(row["copies"])]

    def forward(x):
        with torch.no_grad():
            return fn(x, w, *geometry)

    if row["direction"] == "forward":
        return [lambda x=x: forward(x) for x in xs]

    def backward(x):
        x, v = x.detach().requires_grad_(), w.detach().requires_grad_(row["operator"] == "gaussian")
        y = fn(x, v, *geometry)
        g = torch.randn_like(y)
        inputs = (x, v) if v.requires_grad else (x,)
        return lambda: torch.autograd.grad(y, inputs, g, retain_graph=True)

    return [backward(x) for x in xs]


def capture(calls):
    """One graph of all calls, or None where they cannot be captured. They are warmed up as capturing asks."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            for call in calls:
                call()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    try:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for call in calls:
                call()
        return graph
    except Exception as error:  # noqa: BLE001 - capturing fails in many ways, and the row says that launches count
        print(f"no graph: {str(error).splitlines()[0][:120]}", file=sys.stderr)
        torch.cuda.synchronize()
        return None


def prepare(row):
    geometry = (None, None, None) if row["global"] else (row["kernel"], row["stride"], row["padding"])
    fn = function_of(row["operator"], row["variant"])
    error = wrong(fn, row, geometry)
    calls = calls_of(fn, row, geometry)
    graph = capture(calls) if DEVICE == "cuda" else None

    def run():
        for call in calls:
            call()

    return {"run": graph.replay if graph else run, "calls": len(calls), "graph": graph is not None, "wrong": error}


def round_of(row):
    """Milliseconds of one call, the mean over all copies."""
    if DEVICE == "cpu":
        start = time.perf_counter()
        row["run"]()
        return (time.perf_counter() - start) * 1e3 / row["calls"]
    before, after = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    before.record()
    row["run"]()
    after.record()
    after.synchronize()
    return before.elapsed_time(after) / row["calls"]


def facts():
    about = {"torch": torch.__version__, "cuda": str(torch.version.cuda), "gpu": "none", "l2": 1 << 20}
    if DEVICE == "cuda":
        properties = torch.cuda.get_device_properties(0)
        about |= {"gpu": properties.name, "l2": getattr(properties, "L2_cache_size", 64 << 20)}
    return about


def main():
    # Backward is called again and again on what one forward pass has saved.
    if hasattr(torch, "_functorch") and hasattr(torch._functorch, "config"):
        torch._functorch.config.donated_buffer = False
    print(json.dumps(facts()), flush=True)
    rows = {}
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("forget"):
            rows.clear()
            torch._dynamo.reset()
            if DEVICE == "cuda":
                torch.cuda.empty_cache()
            print("{}", flush=True)
            continue
        try:
            if line not in rows:
                rows[line] = prepare(request)
            row = rows[line]
            print(json.dumps({"ms": round_of(row), "graph": row["graph"], "wrong": row["wrong"]}), flush=True)
        except Exception as error:  # noqa: BLE001 - one row's failure must not lose the rest
            print(json.dumps({"failed": f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"}), flush=True)


if __name__ == "__main__":
    main()
