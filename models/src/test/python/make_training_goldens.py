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


class GlobalAverage(nn.AdaptiveAvgPool2d):
    def __init__(self):
        super().__init__(1)

    def forward(self, x):
        return super().forward(x).flatten(1)


def recurrent(kind, returns, *sizes, **settings):
    """A recurrent module that gives every step's output, or the final state of the top layer, directions joined."""
    class Recurrent(kind):
        def forward(self, x):
            outputs, states = super().forward(x)
            if returns == "sequence":
                return outputs
            hidden = states[0] if kind is nn.LSTM else states
            return torch.cat(list(hidden[-2 if self.bidirectional else -1:]), 1)
    return Recurrent(*sizes, batch_first=True, **settings)


def pictures():
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, 6, 3, padding=1), relu1=nn.ReLU(), pool1=nn.MaxPool2d(3, stride=2, padding=1),
        conv2=nn.Conv2d(6, 8, (3, 2), stride=(2, 1), padding=(1, 0), groups=2, bias=False), bn1=nn.BatchNorm2d(8),
        relu2=nn.ReLU(), pool2=nn.AvgPool2d(2, stride=1, padding=1, count_include_pad=False), mean=GlobalAverage(),
        head=nn.Linear(8, 5)))


def dilated():
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, 4, 3, padding=2, dilation=2), tanh=nn.Tanh(), pool1=nn.AvgPool2d((2, 3), padding=(1, 1)),
        conv2=nn.Conv2d(4, 8, 3, padding=1, groups=4), gelu=nn.GELU(), flat=nn.Flatten(), head=nn.Linear(8 * 5 * 3, 5)))


def deep():
    block = ResidualBlock(OrderedDict(
        conv1=nn.Conv2d(8, 8, 3, padding=1, bias=False), bn1=nn.BatchNorm2d(8), relu1=nn.ReLU(),
        conv2=nn.Conv2d(8, 8, 1, bias=False), bn2=nn.BatchNorm2d(8)))
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, 8, 5, stride=2, padding=2, bias=False), bn1=nn.BatchNorm2d(8), relu1=nn.ReLU(), block1=block,
        relu2=nn.ReLU(), mean=GlobalAverage(), head=nn.Linear(8, 5)))


def lstm():
    return nn.Sequential(OrderedDict(
        lstm=recurrent(nn.LSTM, "last", 5, 7, num_layers=2, bidirectional=True), head=nn.Linear(14, 3)))


def gru():
    return nn.Sequential(OrderedDict(
        gru=recurrent(nn.GRU, "sequence", 5, 6, num_layers=2), tanh=nn.Tanh(), head=nn.Linear(6, 4)))


def rnn():
    return nn.Sequential(OrderedDict(
        below=recurrent(nn.RNN, "sequence", 5, 6, nonlinearity="relu", bidirectional=True),
        above=recurrent(nn.RNN, "last", 12, 7), head=nn.Linear(7, 3)))


def words():
    return nn.Sequential(OrderedDict(
        emb=nn.Embedding(20, 6), lstm=recurrent(nn.LSTM, "last", 6, 8), head=nn.Linear(8, 3)))


def tags():
    return nn.Sequential(OrderedDict(
        emb=nn.Embedding(20, 6, padding_idx=0), gru=recurrent(nn.GRU, "sequence", 6, 5, bidirectional=True),
        head=nn.Linear(10, 4)))


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

PICTURES_FILE = [
    layer("conv2d", "conv1", filters=6, kernel=3, padding="same"), layer("relu", "relu1"),
    layer("maxpool2d", "pool1", kernel=3, stride=2, padding=1),
    layer("conv2d", "conv2", filters=8, kernel=[3, 2], stride=[2, 1], padding=[1, 0], groups=2, bias=False),
    layer("batchnorm2d", "bn1"), layer("relu", "relu2"),
    layer("avgpool2d", "pool2", kernel=2, stride=1, padding=1, countIncludePad=False), layer("globalavgpool2d", "mean"),
    layer("linear", "head", units=5)]

DILATED_FILE = [
    layer("conv2d", "conv1", filters=4, kernel=3, padding=2, dilation=2), layer("tanh", "tanh"),
    layer("avgpool2d", "pool1", kernel=[2, 3], padding=1), layer("conv2d", "conv2", filters=8, kernel=3, padding=1, groups=4),
    layer("gelu", "gelu"), layer("flatten", "flat"), layer("linear", "head", units=5)]

DEEP_FILE = [
    layer("conv2d", "conv1", filters=8, kernel=5, stride=2, padding=2, bias=False), layer("batchnorm2d", "bn1"),
    layer("relu", "relu1"),
    layer("residual", "block1", layers=[
        layer("conv2d", "conv1", filters=8, kernel=3, padding="same", bias=False), layer("batchnorm2d", "bn1"),
        layer("relu", "relu1"), layer("conv2d", "conv2", filters=8, kernel=1, bias=False), layer("batchnorm2d", "bn2")]),
    layer("relu", "relu2"), layer("globalavgpool2d", "mean"), layer("linear", "head", units=5)]

LSTM_FILE = [
    {"type": "lstm", "name": "lstm", "hiddenSize": 7, "layers": 2, "bidirectional": True, "return": "last"},
    layer("linear", "head", units=3)]

GRU_FILE = [
    {"type": "gru", "name": "gru", "hiddenSize": 6, "layers": 2, "return": "sequence"}, layer("tanh", "tanh"),
    layer("linear", "head", units=4)]

RNN_FILE = [
    {"type": "rnn", "name": "below", "nonlinearity": "relu", "hiddenSize": 6, "bidirectional": True, "return": "sequence"},
    {"type": "rnn", "name": "above", "hiddenSize": 7, "return": "last"}, layer("linear", "head", units=3)]

WORDS_FILE = [
    layer("embedding", "emb", vocabulary=20, dimension=6), {"type": "lstm", "name": "lstm", "hiddenSize": 8, "return": "last"},
    layer("linear", "head", units=3)]

TAGS_FILE = [
    layer("embedding", "emb", vocabulary=20, dimension=6, paddingIndex=0),
    {"type": "gru", "name": "gru", "hiddenSize": 5, "bidirectional": True, "return": "sequence"},
    layer("linear", "head", units=4)]

# name: PyTorch's network, layers of the architecture file, shape of an example, array of the examples
NETWORKS = {
    "mlp5": (lambda: mlp(5), mlp_file(5), [12], "float32"),
    "mlp3": (lambda: mlp(3), mlp_file(3), [12], "float32"),
    "mlp1": (lambda: mlp(1), mlp_file(1), [12], "float32"),
    "mixed": (mixed, MIXED_FILE, [12], "float32"),
    "tokens": (tokens, TOKENS_FILE, [6], "int32"),
    "pictures": (pictures, PICTURES_FILE, [3, 9, 8], "pixels"),
    "dilated": (dilated, DILATED_FILE, [3, 9, 8], "pixels"),
    "deep": (deep, DEEP_FILE, [3, 9, 8], "pixels"),
    "lstm": (lstm, LSTM_FILE, ["T", 5], "series"),
    "gru": (gru, GRU_FILE, ["T", 5], "series"),
    "rnn": (rnn, RNN_FILE, ["T", 5], "series"),
    "words": (words, WORDS_FILE, ["T"], "int32"),
    "tags": (tags, TAGS_FILE, ["T"], "int32"),
}

LOSSES = {
    "cce": lambda output, target: nn.functional.cross_entropy(
        output.reshape(-1, output.shape[-1]), target.flatten().long()),
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
    ("pictures", "classes5", "cce", "sgd", dict(lr=0.1, momentum=0.9)),
    ("pictures", "classes5", "cce", "adam", dict(lr=0.01)),
    ("dilated", "classes5", "cce", "sgd", dict(lr=0.1)),
    ("dilated", "classes5", "cce", "adam", {}),
    ("deep", "classes5", "cce", "sgd", dict(lr=0.1)),
    ("deep", "classes5", "cce", "adam", {}),
    ("lstm", "classes3", "cce", "sgd", dict(lr=0.1, momentum=0.9)),
    ("lstm", "numbers3", "mse", "adam", dict(lr=0.01)),
    ("gru", "steps4", "cce", "sgd", dict(lr=0.1, momentum=0.9)),
    ("gru", "steps4", "cce", "adam", dict(lr=0.01, clip_norm=0.2)),
    ("rnn", "classes3", "cce", "sgd", dict(lr=0.1)),
    ("rnn", "classes3", "cce", "adam", dict(lr=0.01)),
    ("words", "classes3", "cce", "sgd", dict(lr=0.1, momentum=0.9)),
    ("words", "classes3", "cce", "adam", dict(lr=0.01)),
    ("tags", "tags4", "cce", "sgd", dict(lr=0.1)),
    ("tags", "tags4", "cce", "adamw", dict(lr=0.01)),
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
        "pixels": random.normal(size=(EXAMPLES, 3, 9, 8)).astype("float32"),
        "series": random.normal(size=(EXAMPLES, 7, 5)).astype("float32"),
        "steps4": random.integers(0, 4, (EXAMPLES, 7)).astype("int64"),
        "tags4": random.integers(0, 4, (EXAMPLES, 6)).astype("int32"),
    }
    for name, values in arrays.items():
        np.save(TARGET / (name + ".npy"), values)
    tensors = {name: torch.from_numpy(values) for name, values in arrays.items()}
    networks, outputs = {}, {}
    for name, (make, layers, shape, inputs) in NETWORKS.items():
        network = make()
        x = tensors[inputs]
        # Moves the running mean and variance of batch normalisation from 0 and 1.
        network.train()(x)
        networks[name] = network
        write_safetensors(TARGET / (name + ".safetensors"), network.state_dict())
        (TARGET / (name + ".json")).write_text(
            json.dumps(
                {"name": name, "input": {"shape": shape, "dtype": str(arrays[inputs].dtype)}, "layers": layers}, indent=1) + "\n")
        with torch.no_grad():
            outputs[name] = {"inputs": inputs, "values": network.eval()(x).flatten().tolist()}
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
