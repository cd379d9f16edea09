"""Writes resources/.../training/padding: what PyTorch's packed sequences make of padded tokens, for PaddingTest.

Run from the repository root with numpy and torch (1.13 or later) installed:

    python3 models/src/test/python/make_padding_goldens.py
"""

import json

import numpy as np
import torch
from make_training_goldens import LSTM_FILE, TARGET, layer, write_safetensors
from torch import nn

LENGTHS = [6, 1, 4, 4, 2, 6, 3, 5]


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(9, 5, padding_idx=0)
        self.lstm = nn.LSTM(5, 7, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(14, 3)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x.long()), lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.lstm(packed)
        return self.head(torch.cat([hidden[-2], hidden[-1]], 1))


def main():
    torch.manual_seed(3)
    target = TARGET / "padding"
    target.mkdir(parents=True, exist_ok=True)
    x = np.random.default_rng(3).integers(1, 9, (len(LENGTHS), max(LENGTHS))).astype("int32")
    for row, length in zip(x, LENGTHS):
        row[length:] = 0
    # Padding inside a sequence is one of its steps.
    x[0, 2] = 0
    network = Network().eval()
    with torch.no_grad():
        y = network(torch.from_numpy(x), torch.tensor(LENGTHS)).numpy()
    np.save(target / "x.npy", x)
    np.save(target / "y.npy", y)
    write_safetensors(target / "packed.safetensors", network.state_dict())
    layers = [layer("embedding", "emb", vocabulary=9, dimension=5, paddingIndex=0)] + LSTM_FILE
    (target / "packed.json").write_text(
        json.dumps({"name": "packed", "input": {"shape": ["T"], "dtype": "int32"}, "layers": layers}, indent=1) + "\n")


if __name__ == "__main__":
    main()
