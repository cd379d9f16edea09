#!/usr/bin/env python3
"""Measures the training steps of `tandem bench --suite steps` and `--suite large` in PyTorch, three ways: eager,
torch.compile, and CUDA graphs. Same networks, sizes, loss (softmax cross-entropy), optimiser (Adam) and precision.

    python3 pytorch_steps.py --device cuda --math fp32 --out pytorch.json
    python3 pytorch_steps.py --table pytorch.json --ours bench-steps/bench.json bench-large/bench.json

The second form measures nothing: it puts both results side by side, the ratio being the best of PyTorch's three times
over ours. Each time is the median over turns; a turn is several steps and one wait for the device at its end, so that
PyTorch need not wait in each step (Tandem does, for the loss). Every way is checked before it is timed: its losses must
be finite, and all ways must have the loss of the eager one. With --device cpu there are no graphs.
"""

import argparse
import json
import math
import os
import platform
import statistics
import sys
import time

CLASSES = 10
LEARNING_RATE = 1e-4
STEPS_CHECKED = 4
# Of one way to run one step, in seconds.
WARM_UP = 0.5
TURN = 0.02
MOST = 2.0
TURNS = 25
# Losses of the ways differ by the order of sums only, and by what lower precision rounds.
TOLERANCE = {"fp32": 1e-3, "tf32": 1e-2, "bf16": 5e-2}

WAYS = ["eager", "compile", "graph"]
SMALL = ["mlp-n128", "mlp-n32", "cnn-n64-s28"] + [
    f"{cell}-n{batch}-t50-h{hidden}" for batch, hidden in ((32, 128), (64, 256), (1, 128)) for cell in ("lstm", "gru", "rnn")
]
LARGE = ["mlp-n4096-w4096", "deep-cnn-n1024-s32", "lstm-n512-t100-h1024"]


def network(torch, name):
    """Returns the module and the shape of a batch. Sequences are time first, as in Tandem."""
    nn = torch.nn
    numbers = {part[0]: int(part[1:]) for part in name.split("-") if part[1:].isdigit()}
    batch = numbers["n"]
    if name.startswith("mlp") and "w" in numbers:
        width = numbers["w"]
        layers = [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, CLASSES)]
        return nn.Sequential(*layers), (batch, width)
    if name.startswith("mlp"):
        layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, CLASSES)]
        return nn.Sequential(*layers), (batch, 784)
    if name.startswith("cnn"):
        side = numbers["s"]
        layers = [
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * (side // 4) ** 2, 128), nn.ReLU(), nn.Linear(128, CLASSES),
        ]
        return nn.Sequential(*layers), (batch, 1, side, side)
    if name.startswith("deep-cnn"):
        return deep_cnn(nn, channels=32, stages=2), (batch, 3, numbers["s"], numbers["s"])
    return recurrent(nn, name.split("-")[0], 64, numbers["h"]), (numbers["t"], batch, 64)


def deep_cnn(nn, channels, stages):
    """The preset deep-cnn without dropout."""

    def normalized(inside, outside):
        return [nn.Conv2d(inside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]

    class Residual(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.block = nn.Sequential(*normalized(width, width), *normalized(width, width))

        def forward(self, x):
            return x + self.block(x)

    layers = normalized(3, channels)
    for _ in range(stages):
        layers += normalized(channels, 2 * channels) + [nn.MaxPool2d(2), Residual(2 * channels)]
        channels *= 2
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))


def recurrent(nn, cell, inputs, hidden):
    class LastStep(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[cell](inputs, hidden)
            self.head = nn.Linear(hidden, CLASSES)

        def forward(self, x):
            return self.head(self.layer(x)[0][-1])

    return LastStep()


class Step:
    """One network with its batch, optimiser and a way to run a training step."""

    def __init__(self, torch, name, way, device, math_mode):
        self.torch = torch
        torch.manual_seed(1)
        module, shape = network(torch, name)
        self.model = module.to(device).train()
        generator = torch.Generator().manual_seed(2)
        batch = shape[1] if len(shape) == 3 else shape[0]
        self.x = (2 * torch.rand(shape, generator=generator) - 1).to(device)
        self.labels = torch.randint(CLASSES, (batch,), generator=generator).to(device)
        self.device = device
        self.bf16 = math_mode == "bf16"
        options = {"lr": LEARNING_RATE}
        if device == "cuda":
            # The fastest that PyTorch has, and the one that can be captured.
            options.update(fused=True, capturable=True)
        self.optimizer = torch.optim.Adam(self.model.parameters(), **options)
        self.loss = None
        forward = torch.compile(self.forward) if way == "compile" else self.forward
        self.run = lambda: self.compute(forward)
        if way == "graph":
            self.capture(forward)

    def forward(self, x, labels):
        with self.torch.autocast(self.device, dtype=self.torch.bfloat16, enabled=self.bf16):
            return self.torch.nn.functional.cross_entropy(self.model(x), labels)

    def compute(self, forward):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss = forward(self.x, self.labels)
        self.loss.backward()
        self.optimizer.step()

    def capture(self, forward):
        """As PyTorch's notes on CUDA graphs say: warm up on a side stream, then capture the whole step."""
        torch = self.torch
        initial = [tensor.clone() for tensor in self.model.state_dict().values()]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.compute(forward)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self.loss = forward(self.x, self.labels)
            self.loss.backward()
            self.optimizer.step()
        # The steps before must not count: the losses are compared with those of the other ways.
        with torch.no_grad():
            for tensor, value in zip(self.model.state_dict().values(), initial):
                tensor.copy_(value)
            for state in self.optimizer.state.values():
                for value in state.values():
                    value.zero_()
        self.run = graph.replay

    def wait(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def losses(self):
        values = []
        for _ in range(STEPS_CHECKED):
            self.run()
            values.append(self.loss.item())
        return values

    def turn(self, steps):
        self.wait()
        begin = time.perf_counter()
        for _ in range(steps):
            self.run()
        self.wait()
        return (time.perf_counter() - begin) / steps

    def median(self, most):
        begin = time.perf_counter()
        self.turn(1)
        while time.perf_counter() - begin < WARM_UP:
            self.turn(1)
        steps = max(1, math.ceil(TURN / self.turn(3)))
        times = []
        spent = 0.0
        while len(times) < TURNS and (not times or spent < most):
            times.append(self.turn(steps))
            spent += steps * times[-1]
        return statistics.median(times)


def measure(torch, names, ways, device, math_mode, most):
    rows = []
    for name in names:
        expected = None
        for way in ways:
            row = {"name": name, "way": way, "milliseconds": None, "reason": None}
            rows.append(row)
            try:
                step = Step(torch, name, way, device, math_mode)
                losses = step.losses()
                expected = expected or losses
                off = max(abs(a - b) / max(abs(b), 1e-3) for a, b in zip(losses, expected))
                if not off <= TOLERANCE[math_mode]:  # NaN is not at most anything
                    raise ValueError(f"its losses are {losses}, those of the eager step {expected}")
                row["milliseconds"] = 1e3 * step.median(most)
            except Exception as failure:  # Whatever PyTorch cannot do on this machine is said and left out.
                row["reason"] = " ".join(str(failure).split())[:300] or type(failure).__name__
            shown = f"{row['milliseconds']:.3f} ms" if row["milliseconds"] else f"not measured: {row['reason']}"
            print(f"{name:<24} {way:<8} {shown}", flush=True)
            step = None
            torch.compiler.reset()
            if device == "cuda":
                torch.cuda.empty_cache()
    return rows


def machine(torch, device, math_mode):
    described = {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": device,
        "math": math_mode,
        "threads": torch.get_num_threads(),
        "processors": os.cpu_count(),
    }
    if device == "cuda":
        described.update(
            gpu=torch.cuda.get_device_name(),
            cuda=torch.version.cuda,
            cudnn=torch.backends.cudnn.version(),
        )
    return described


def set_math(torch, math_mode):
    tf32 = math_mode != "fp32"
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    # Lets PyTorch take its fastest convolution, which Tandem does not do (it takes one that repeats bit by bit).
    torch.backends.cudnn.benchmark = True


def table(theirs, ours):
    """Prints both sides; returns whether every row of ours has a counterpart that was measured."""
    times = {}
    for row in theirs["rows"]:
        times.setdefault(row["name"], {})[row["way"]] = row["milliseconds"]
    described = theirs["machine"]
    print(f"PyTorch {described['torch']}, {described.get('gpu', described['device'])}, {described['math']}; milliseconds a step\n")
    print("| step | " + " | ".join(WAYS) + " | Tandem | best / Tandem |")
    print("|---|" + "---|" * (len(WAYS) + 2))
    complete = True
    for result in ours:
        math_mode = result["machine"].get("math", described["math"])
        if math_mode != described["math"]:
            raise SystemExit(f"pytorch_steps: Tandem's numbers are {math_mode}, PyTorch's {described['math']} (measure both alike)")
        for row in result["rows"]:
            found = times.get(row["name"])
            if found is None:
                continue
            measured = [value for value in found.values() if value]
            cells = [f"{found[way]:.3f}" if found.get(way) else "-" for way in WAYS]
            ratio = f"{min(measured) / row['milliseconds']:.2f}" if measured else "-"
            complete = complete and bool(measured)
            print(f"| {row['name']} | " + " | ".join(cells) + f" | {row['milliseconds']:.3f} | {ratio} |")
    return complete


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--math", choices=["fp32", "tf32", "bf16"], default="fp32", help="arithmetic of products (default: %(default)s)")
    parser.add_argument("--suite", choices=["steps", "large", "all"], default="all", help="default: %(default)s")
    parser.add_argument("--only", metavar="TEXT", default="", help="only steps whose name contains this")
    parser.add_argument("--ways", metavar="WAY", nargs="+", choices=WAYS, default=WAYS, help="default: all")
    parser.add_argument("--most", metavar="SECONDS", type=float, default=MOST, help="of each measurement (default: %(default)s)")
    parser.add_argument("--out", metavar="FILE", help="where the JSON goes")
    parser.add_argument("--table", metavar="FILE", help="shows this result of --out beside --ours instead of measuring")
    parser.add_argument("--ours", metavar="FILE", nargs="+", help="results of tandem bench, bench.json")
    options = parser.parse_args()
    if bool(options.table) != bool(options.ours):
        parser.error("--table and --ours belong together (give both)")
    if options.table:
        with open(options.table, encoding="utf-8") as file:
            theirs = json.load(file)
        ours = []
        for name in options.ours:
            with open(name, encoding="utf-8") as file:
                ours.append(json.load(file))
        return 0 if table(theirs, ours) else 1
    try:
        import torch
    except ImportError:
        print("pytorch_steps: this Python has no PyTorch (python3 -m pip install torch)", file=sys.stderr)
        return 1
    if options.device == "cuda" and not torch.cuda.is_available():
        print("pytorch_steps: PyTorch finds no GPU (--device cpu tries the script without one)", file=sys.stderr)
        return 1
    set_math(torch, options.math)
    names = [name for name in {"steps": SMALL, "large": LARGE, "all": SMALL + LARGE}[options.suite] if options.only in name]
    if not names:
        print(f"pytorch_steps: no step contains '{options.only}' (there are {', '.join(SMALL + LARGE)})", file=sys.stderr)
        return 1
    ways = [way for way in options.ways if way != "graph" or options.device == "cuda"]
    described = machine(torch, options.device, options.math)
    print(", ".join(f"{key} {value}" for key, value in described.items()))
    result = {"machine": described, "rows": measure(torch, names, ways, options.device, options.math, options.most)}
    line = json.dumps(result)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(line + "\n")
    print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
