"""Writes resources/.../training: networks with weights, data, and how PyTorch trains them, for PyTorchParityTest.

Run from the repository root with numpy and torch (1.13 or later) installed:

    python3 models/src/test/python/make_training_goldens.py
"""

import copy
import json
import pathlib
import struct
from collections import OrderedDict

import numpy as np
import torch
from torch import nn

TARGET = pathlib.Path(__file__).parents[1] / "resources/dev/tandem/models/training"
# The last batch of an epoch is smaller: 16, 16, 8.
EXAMPLES, BATCH, STEPS = 40, 16, 10


class ResidualBlock(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def mlp(outputs):
    return nn.Sequential(OrderedDict(fc1=nn.Linear(12, 16), act=nn.ReLU(), fc2=nn.Linear(16, outputs)))


def mixed():
    block = ResidualBlock(OrderedDict(fc1=nn.Linear(14, 10), silu=nn.SiLU(), fc2=nn.Linear(10, 14)))
    # No bias before batch normalisation: its gradient is 0 but for rounding, which RMSProp, Adagrad and Adam blow up.
    return nn.Sequential(OrderedDict(
        fc1=nn.Linear(12, 16, bias=False), bn1=nn.BatchNorm1d(16), tanh=nn.Tanh(), fc2=nn.Linear(16, 14), ln1=nn.LayerNorm(14),
        gelu=nn.GELU(), block1=block, elu=nn.ELU(), drop=nn.Dropout(0), fc3=nn.Linear(14, 12, bias=False),
        leaky=nn.LeakyReLU(), fc4=nn.Linear(12, 9), sigmoid=nn.Sigmoid(), head=nn.Linear(9, 5)))


def tokens():
    network = nn.Sequential(OrderedDict(
        emb=nn.Embedding(20, 4, padding_idx=0), flat=nn.Flatten(), fc1=nn.Linear(24, 8), act=nn.Tanh(),
        fc2=nn.Linear(8, 3)))
    # A row of padding that is not zero must stay as it is all the same.
    with torch.no_grad():
        network.emb.weight[0] = 0.5
    return network


def layer(kind, name, **settings):
    return {"type": kind, "name": name, **settings}


def mlp_file(outputs):
    return [layer("linear", "fc1", units=16), layer("relu", "act"), layer("linear", "fc2", units=outputs)]


MIXED_FILE = [
    layer("linear", "fc1", units=16, bias=False), layer("batchnorm1d", "bn1"), layer("tanh", "tanh"),
    layer("linear", "fc2", units=14), layer("layernorm", "ln1"), layer("gelu", "gelu"),
    layer("residual", "block1", layers=[
        layer("linear", "fc1", units=10), layer("silu", "silu"), layer("linear", "fc2", units=14)]),
    layer("elu", "elu"), layer("dropout", "drop", rate=0), layer("linear", "fc3", units=12, bias=False),
    layer("leakyrelu", "leaky"), layer("linear", "fc4", units=9), layer("sigmoid", "sigmoid"),
    layer("linear", "head", units=5)]

TOKENS_FILE = [
    layer("embedding", "emb", vocabulary=20, dimension=4, paddingIndex=0), layer("flatten", "flat"),
    layer("linear", "fc1", units=8), layer("tanh", "act"), layer("linear", "fc2", units=3)]

# name: PyTorch's network, layers of the architecture file, shape and type of an example
NETWORKS = {
    "mlp5": (lambda: mlp(5), mlp_file(5), [12], "float32"),
    "mlp3": (lambda: mlp(3), mlp_file(3), [12], "float32"),
    "mlp1": (lambda: mlp(1), mlp_file(1), [12], "float32"),
    "mixed": (mixed, MIXED_FILE, [12], "float32"),
    "tokens": (tokens, TOKENS_FILE, [6], "int32"),
}

LOSSES = {
    "cce": lambda output, target: nn.functional.cross_entropy(output, target.long()),
    "bce": lambda output, target: nn.functional.binary_cross_entropy_with_logits(
        output, target.reshape(output.shape).float()),
    "mse": lambda output, target: nn.functional.mse_loss(output, target.reshape(output.shape)),
    "mae": lambda output, target: nn.functional.l1_loss(output, target.reshape(output.shape)),
    "huber": lambda output, target: nn.functional.huber_loss(output, target.reshape(output.shape)),
}

OPTIMIZERS = {
    "sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad,
    "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
}

# model, labels, loss, optimizer, and what differs from its defaults
CASES = [
    ("mlp5", "classes5", "cce", "sgd", dict(lr=0.1)),
    ("mlp5", "classes5", "cce", "sgd", dict(lr=0.1, weight_decay=0.05)),
    ("mlp5", "classes5", "cce", "sgd", dict(lr=0.1, momentum=0.9)),
    ("mlp5", "classes5", "cce", "sgd", dict(lr=0.1, momentum=0.9, nesterov=True)),
    ("mixed", "classes5", "cce", "sgd", dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05)),
    ("mixed", "classes5", "cce", "rmsprop", {}),
    ("mixed", "classes5", "cce", "rmsprop", dict(lr=0.003, weight_decay=0.05)),
    ("mlp5", "classes5", "cce", "rmsprop", dict(lr=0.003, momentum=0.9, weight_decay=0.05)),
    ("mixed", "classes5", "cce", "adagrad", {}),
    ("mixed", "classes5", "cce", "adagrad", dict(lr=0.05, weight_decay=0.05)),
    ("mixed", "classes5", "cce", "adam", {}),
    ("mixed", "classes5", "cce", "adam", dict(lr=0.01, weight_decay=0.05)),
    ("mixed", "classes5", "cce", "adamw", {}),
    ("mixed", "classes5", "cce", "adamw", dict(lr=0.01, weight_decay=0.2)),
    ("tokens", "classes3", "cce", "sgd", dict(lr=0.1, momentum=0.9, nesterov=True)),
    ("tokens", "classes3", "cce", "adam", dict(lr=0.01)),
    ("tokens", "classes3", "cce", "adamw", dict(lr=0.01)),
    ("mlp3", "numbers3", "mse", "adam", dict(lr=0.01)),
    ("mlp3", "numbers3", "mae", "sgd", dict(lr=0.1)),
    ("mlp3", "numbers3", "huber", "sgd", dict(lr=0.1)),
    ("mlp1", "classes2", "bce", "sgd", dict(lr=0.1)),
    ("mlp3", "rates3", "bce", "adam", dict(lr=0.01)),
    ("mlp5", "classes5", "cce", "sgd", dict(lr=0.1, clip_norm=0.2)),
    ("mlp5", "classes5", "cce", "sgd", dict(lr=0.1, clip_value=0.02)),
    ("mixed", "classes5", "cce", "adam", dict(lr=0.01, clip_norm=0.2)),
]


def write_safetensors(path, state):
    header, data = {}, b""
    for name, tensor in state.items():
        kind = {torch.float32: "F32", torch.int64: "I64"}[tensor.dtype]
        values = tensor.numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def train(network, x, y, loss, optimizer, settings):
    network = copy.deepcopy(network).train()
    clip_norm, clip_value = settings.get("clip_norm"), settings.get("clip_value")
    update = OPTIMIZERS[optimizer](network.parameters(), **{
        "lr": 0.01 if optimizer in ("rmsprop", "adagrad") else 0.001,
        **{key: value for key, value in settings.items() if not key.startswith("clip")}})
    losses = []
    while len(losses) < STEPS:
        for start in range(0, EXAMPLES, BATCH):
            if len(losses) == STEPS:
                break
            update.zero_grad()
            value = LOSSES[loss](network(x[start:start + BATCH]), y[start:start + BATCH])
            value.backward()
            if clip_norm:
                nn.utils.clip_grad_norm_(network.parameters(), clip_norm)
            if clip_value:
                nn.utils.clip_grad_value_(network.parameters(), clip_value)
            update.step()
            losses.append(value.item())
    with torch.no_grad():
        return losses, network.eval()(x).flatten().tolist()


def main():
    torch.manual_seed(7)
    random = np.random.default_rng(7)
    TARGET.mkdir(parents=True, exist_ok=True)
    arrays = {
        "float32": random.normal(size=(EXAMPLES, 12)).astype("float32"),
        "int32": random.integers(0, 20, (EXAMPLES, 6)).astype("int32"),
        "classes5": random.integers(0, 5, EXAMPLES).astype("int64"),
        "classes3": random.integers(0, 3, EXAMPLES).astype("int32"),
        "classes2": random.integers(0, 2, EXAMPLES).astype("int32"),
        "numbers3": random.normal(size=(EXAMPLES, 3)).astype("float32") * 2,
        "rates3": random.random((EXAMPLES, 3)).astype("float32"),
    }
    for name, values in arrays.items():
        np.save(TARGET / (name + ".npy"), values)
    tensors = {name: torch.from_numpy(values) for name, values in arrays.items()}
    networks, outputs = {}, {}
    for name, (make, layers, shape, kind) in NETWORKS.items():
        network = make()
        x = tensors[kind]
        # Moves the running mean and variance of batch normalisation from 0 and 1.
        network.train()(x)
        networks[name] = network
        write_safetensors(TARGET / (name + ".safetensors"), network.state_dict())
        (TARGET / (name + ".json")).write_text(
            json.dumps({"name": name, "input": {"shape": shape, "dtype": kind}, "layers": layers}, indent=1) + "\n")
        with torch.no_grad():
            outputs[name] = network.eval()(x).flatten().tolist()
    cases = []
    for model, labels, loss, optimizer, settings in CASES:
        inputs = NETWORKS[model][3]
        losses, after = train(networks[model], tensors[inputs], tensors[labels], loss, optimizer, settings)
        cases.append({
            "model": model, "inputs": inputs, "labels": labels, "loss": loss, "optimizer": optimizer,
            "settings": settings, "losses": losses, "outputs": after})
    golden = {"torch": torch.__version__, "batch": BATCH, "outputs": outputs, "cases": cases}
    (TARGET / "training_goldens.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
