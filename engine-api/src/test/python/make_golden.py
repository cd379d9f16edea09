#!/usr/bin/env python3
"""Writes what PyTorch computes for the operations of the seam, for the conformance kit.

Usage: python3 make_golden.py [DIRECTORY]     (default: ../resources/golden beside this script)

The files are part of the project, so that tests need no Python; run this again only to add cases. Inputs are
numbers that binary32 holds, results are computed in binary64. A file holds cases, separated by empty lines:

    case NAME
    text KEY VALUE            an option
    ints KEY [SHAPE] VALUES
    doubles KEY [SHAPE] VALUES
"""

import pathlib
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def binary32(tensor):
    return tensor.float().double()


def normal(*shape):
    return binary32(torch.randn(*shape))


def uniform(*shape):
    return binary32(torch.rand(*shape))


def java(number):
    return repr(number).replace("nan", "NaN").replace("inf", "Infinity")


class Cases:
    def __init__(self):
        self.lines = []

    def case(self, name, **values):
        if self.lines:
            self.lines.append("")
        self.lines.append(f"case {name}")
        for key, value in values.items():
            self.lines.append(self.line(key, value))

    @staticmethod
    def line(key, value):
        if not torch.is_tensor(value):
            return f"text {key} {value}"
        value = value.detach()
        shape = ",".join(str(extent) for extent in value.shape)
        integers = not value.is_floating_point()
        numbers = " ".join(java(number) for number in value.flatten().tolist())
        return f"{'ints' if integers else 'doubles'} {key} [{shape}] {numbers}".rstrip()

    def write(self, path):
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8", newline="\n")
        print(f"{path}: {path.stat().st_size} bytes")


def activations(cases):
    x = torch.cat([torch.linspace(-6, 6, 13), normal(12)])
    x = binary32(x)
    dy = normal(25)
    functions = {
        "RELU": F.relu,
        "LEAKY_RELU": F.leaky_relu,
        "SIGMOID": torch.sigmoid,
        "TANH": torch.tanh,
        "GELU": F.gelu,
        "SILU": F.silu,
        "ELU": F.elu,
    }
    for name, function in functions.items():
        leaf = x.clone().requires_grad_()
        y = function(leaf)
        y.backward(dy)
        cases.case(name, x=x, y=y, dy=dy, dx=leaf.grad)


def softmax(cases):
    x = normal(3, 5) * 3
    x = binary32(x)
    dy = normal(3, 5)
    for name, function in {"softmax": F.softmax, "logSoftmax": F.log_softmax}.items():
        leaf = x.clone().requires_grad_()
        y = function(leaf, dim=-1)
        y.backward(dy)
        cases.case(name, x=x, y=y, dy=dy, dx=leaf.grad)


def cross_entropy(cases):
    logits = binary32(normal(6, 4) * 2)
    labels = torch.tensor([0, 3, 1, 2, 1, 0], dtype=torch.int32)
    ignored = torch.tensor([0, -100, 1, 2, -100, 0], dtype=torch.int32)
    weights = binary32(uniform(4) + 0.5)
    for name, y, w, smoothing in [
        ("plain", labels, None, 0.0),
        ("weights", labels, weights, 0.0),
        ("ignore", ignored, None, 0.0),
        ("smoothing", labels, None, 0.1),
        ("all", ignored, weights, 0.1),
    ]:
        leaf = logits.clone().requires_grad_()
        loss = F.cross_entropy(leaf, y.long(), weight=w, ignore_index=-100, label_smoothing=smoothing)
        loss.backward()
        options = {"smoothing": smoothing, "logits": logits, "labels": y}
        if w is not None:
            options["classWeights"] = w
        counted = y[y != -100].long()
        count = torch.tensor(float(len(counted))) if w is None else w[counted].sum()
        cases.case(name, **options, loss=torch.stack([loss, count]), dlogits=leaf.grad)


def pointwise(cases):
    prediction = binary32(normal(9) * 2)
    target = uniform(9)
    functions = {
        "SIGMOID_BCE": F.binary_cross_entropy_with_logits,
        "MSE": F.mse_loss,
        "MAE": F.l1_loss,
        "HUBER": lambda p, t: F.huber_loss(p, t, delta=0.75),
    }
    for name, function in functions.items():
        leaf = prediction.clone().requires_grad_()
        loss = function(leaf, target)
        loss.backward()
        count = torch.tensor(float(prediction.numel()))
        cases.case(
            name,
            delta=0.75,
            prediction=prediction,
            target=target,
            loss=torch.stack([loss, count]),
            dprediction=leaf.grad,
        )
    weights = uniform(9) * 2
    leaf = prediction.clone().requires_grad_()
    loss = F.binary_cross_entropy_with_logits(leaf, target, weight=weights)
    loss.backward()
    cases.case(
        "SIGMOID_BCE",
        delta=0.75,
        prediction=prediction,
        target=target,
        weights=weights,
        loss=torch.stack([loss, torch.tensor(float(prediction.numel()))]),
        dprediction=leaf.grad,
    )


def batch_norm(cases):
    for name, shape in {"batchNorm1d": (5, 3), "batchNorm2d": (2, 3, 2, 2)}.items():
        x = normal(*shape).requires_grad_()
        gamma = binary32(uniform(3) + 0.5).requires_grad_()
        beta = normal(3).requires_grad_()
        mean, variance = normal(3), binary32(uniform(3) + 0.5)
        new_mean, new_variance = mean.clone(), variance.clone()
        dy = normal(*shape)
        y = F.batch_norm(x, new_mean, new_variance, gamma, beta, training=True, momentum=0.1, eps=1e-5)
        y.backward(dy)
        inferred = F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=1e-5)
        cases.case(
            name,
            x=x, gamma=gamma, beta=beta, runningMean=mean, runningVariance=variance,
            y=y, newMean=new_mean, newVariance=new_variance, inferred=inferred,
            dy=dy, dx=x.grad, dgamma=gamma.grad, dbeta=beta.grad,
        )


def layer_norm(cases):
    x = normal(3, 6).requires_grad_()
    gamma = binary32(uniform(6) + 0.5).requires_grad_()
    beta = normal(6).requires_grad_()
    dy = normal(3, 6)
    y = F.layer_norm(x, (6,), gamma, beta, eps=1e-5)
    y.backward(dy)
    cases.case("layerNorm", x=x, gamma=gamma, beta=beta, y=y, dy=dy, dx=x.grad, dgamma=gamma.grad, dbeta=beta.grad)


def embedding(cases):
    table = normal(5, 3).requires_grad_()
    indices = torch.tensor([[1, 4, 1], [0, 2, 4]], dtype=torch.int32)
    dy = normal(2, 3, 3)
    y = F.embedding(indices.long(), table, padding_idx=2)
    y.backward(dy)
    cases.case("embedding", padding=2, indices=indices, table=table, y=y, dy=dy, dtable=table.grad)


def linear(cases):
    x = normal(4, 5).requires_grad_()
    weight = normal(3, 5).requires_grad_()
    bias = normal(3).requires_grad_()
    dy = normal(4, 3)
    y = F.linear(x, weight, bias)
    y.backward(dy)
    cases.case(
        "linear", x=x, weight=weight, bias=bias, y=y, dy=dy, dx=x.grad, dweight=weight.grad, dbias=bias.grad
    )


def conv2d(cases):
    # batch, inChannels, inHeight, inWidth, outChannels, kernel, stride, padding, dilation (height, width), groups
    for name, spec in {
        "plain": (2, 2, 4, 5, 3, 3, 2, 1, 1, 0, 0, 1, 1, 1),
        "padded": (1, 2, 4, 4, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1),
        "strided": (1, 2, 6, 7, 2, 3, 3, 2, 3, 1, 0, 1, 1, 1),
        "dilated": (1, 1, 7, 6, 2, 3, 2, 1, 2, 2, 1, 2, 3, 1),
        "grouped": (1, 4, 3, 4, 6, 2, 2, 1, 1, 1, 1, 1, 1, 2),
        "depthwise": (2, 3, 4, 4, 6, 3, 3, 2, 1, 1, 1, 1, 1, 3),
        "pointwise": (2, 3, 3, 2, 4, 1, 1, 1, 1, 0, 0, 1, 1, 1),
    }.items():
        n, c, h, w, k, r, s, sh, sw, ph, pw, dh, dw, groups = spec
        x = normal(n, c, h, w).requires_grad_()
        weight = normal(k, c // groups, r, s).requires_grad_()
        bias = normal(k).requires_grad_()
        y = F.conv2d(x, weight, bias, (sh, sw), (ph, pw), (dh, dw), groups)
        dy = normal(*y.shape)
        y.backward(dy)
        cases.case(
            name, spec=torch.tensor(spec), x=x, weight=weight, bias=bias, y=y,
            dy=dy, dx=x.grad, dweight=weight.grad, dbias=bias.grad,
        )


def pool2d(cases):
    # batch, channels, inHeight, inWidth, kernel, stride, padding (height, width)
    for name, spec in {
        "pairs": (2, 2, 4, 6, 2, 2, 2, 2, 0, 0),
        "overlapping": (1, 2, 6, 5, 3, 3, 2, 2, 1, 1),
        "odd": (1, 1, 7, 8, 3, 2, 1, 3, 0, 1),
        "global": (2, 3, 3, 4, 3, 4, 1, 1, 0, 0),
    }.items():
        n, c, h, w, r, s, sh, sw, ph, pw = spec
        for mode in ("MAX", "AVERAGE", "AVERAGE_INSIDE"):
            x = binary32(torch.round(normal(n, c, h, w) * 2)) if mode == "MAX" else normal(n, c, h, w)
            x.requires_grad_()
            if mode == "MAX":
                y = F.max_pool2d(x, (r, s), (sh, sw), (ph, pw))
            else:
                y = F.avg_pool2d(x, (r, s), (sh, sw), (ph, pw), count_include_pad=mode == "AVERAGE")
            dy = normal(*y.shape)
            y.backward(dy)
            cases.case(f"{name} {mode}", mode=mode, spec=torch.tensor(spec), x=x, y=y, dy=dy, dx=x.grad)
    x = torch.tensor([[[[1.0, float("nan"), 3.0, -float("inf")], [float("nan"), 2.0, -float("inf"), -float("inf")]]]])
    x.requires_grad_()
    y = F.max_pool2d(x, 2, 1)
    dy = normal(*y.shape)
    y.backward(dy)
    spec = torch.tensor((1, 1, 2, 4, 2, 2, 1, 1, 0, 0))
    cases.case("not finite", mode="MAX", spec=spec, x=x, y=y, dy=dy, dx=x.grad)


def optimizers(cases):
    rules = [
        ("SGD", torch.optim.SGD, dict(lr=0.1)),
        ("SGD", torch.optim.SGD, dict(lr=0.1, weight_decay=0.01)),
        ("SGD_MOMENTUM", torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
        ("SGD_MOMENTUM", torch.optim.SGD, dict(lr=0.1, momentum=0.9, weight_decay=0.01)),
        ("SGD_NESTEROV", torch.optim.SGD, dict(lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)),
        ("RMS_PROP", torch.optim.RMSprop, dict(lr=0.01)),
        ("RMS_PROP_MOMENTUM", torch.optim.RMSprop, dict(lr=0.01, momentum=0.9, weight_decay=0.01)),
        ("ADAGRAD", torch.optim.Adagrad, dict(lr=0.01)),
        ("ADAGRAD", torch.optim.Adagrad, dict(lr=0.01, weight_decay=0.01)),
        ("ADAM", torch.optim.Adam, dict(lr=0.001)),
        ("ADAM", torch.optim.Adam, dict(lr=0.001, betas=(0.8, 0.95), weight_decay=0.01)),
        ("ADAM_W", torch.optim.AdamW, dict(lr=0.001)),
        ("ADAM_W", torch.optim.AdamW, dict(lr=0.001, weight_decay=0.1)),
    ]
    for name, rule, options in rules:
        weight = normal(4).requires_grad_()
        before = weight.detach().clone()
        gradients = normal(5, 4)
        optimizer = rule([weight], **options)
        for gradient in gradients:
            weight.grad = gradient.clone()
            optimizer.step()
        used = optimizer.param_groups[0]
        beta1, beta2 = used.get("betas", (0.0, 0.0))
        cases.case(
            name,
            lr=used["lr"],
            weightDecay=used["weight_decay"],
            momentum=used.get("momentum", 0.0),
            epsilon=used.get("eps", 0.0),
            beta1=beta1,
            beta2=used.get("alpha", beta2),
            before=before,
            gradients=gradients,
            after=weight,
        )


def clipping(cases):
    gradients = normal(11)
    parameter = torch.zeros(11, requires_grad=True)
    for limit in (0.5, 100.0):
        parameter.grad = gradients.clone()
        norm = torch.nn.utils.clip_grad_norm_([parameter], limit)
        cases.case("clipByNorm", limit=limit, before=gradients, after=parameter.grad.clone(), norm=norm)
    parameter.grad = gradients.clone()
    torch.nn.utils.clip_grad_value_([parameter], 0.5)
    cases.case("clipByValue", limit=0.5, before=gradients, after=parameter.grad)


def recurrent(cases):
    modules = {
        "RNN_TANH": lambda *sizes, **options: torch.nn.RNN(*sizes, nonlinearity="tanh", **options),
        "RNN_RELU": lambda *sizes, **options: torch.nn.RNN(*sizes, nonlinearity="relu", **options),
        "LSTM": torch.nn.LSTM,
        "GRU": torch.nn.GRU,
    }
    time, batch, inputs, hidden = 4, 3, 2, 3
    for cell, make in modules.items():
        for layers, bidirectional, lengths in [(1, False, None), (2, True, None), (2, True, [2, 4, 1])]:
            module = make(inputs, hidden, layers, bidirectional=bidirectional)
            for parameter in module.parameters():
                parameter.data = binary32(parameter.data)
            directions = 2 if bidirectional else 1
            x = normal(time, batch, inputs).requires_grad_()
            h0 = normal(layers * directions, batch, hidden).requires_grad_()
            c0 = normal(layers * directions, batch, hidden).requires_grad_()
            dy = normal(time, batch, hidden * directions)
            dhn = normal(layers * directions, batch, hidden)
            dcn = normal(layers * directions, batch, hidden)
            packed = x
            if lengths:
                packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
            y, last = module(packed, (h0, c0) if cell == "LSTM" else h0)
            if lengths:
                y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, total_length=time)
            hn, cn = last if cell == "LSTM" else (last, None)
            loss = (y * dy).sum() + (hn * dhn).sum()
            values = dict(cell=cell, layers=layers, directions=directions, x=x, h0=h0)
            if lengths:
                values["lengths"] = torch.tensor(lengths, dtype=torch.int32)
            if cell == "LSTM":
                loss = loss + (cn * dcn).sum()
                values.update(c0=c0, cn=cn, dcn=dcn)
            loss.backward()
            values.update(y=y, hn=hn, dy=dy, dhn=dhn, dx=x.grad, dh0=h0.grad)
            if cell == "LSTM":
                values["dc0"] = c0.grad
            for name, parameter in module.named_parameters():
                values[name] = parameter
                values["d" + name] = parameter.grad
            cases.case(f"{cell}{layers}{'x2' if bidirectional else ''}{'lengths' if lengths else ''}", **values)


def main():
    here = pathlib.Path(__file__).resolve().parent
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "resources" / "golden"
    target.mkdir(parents=True, exist_ok=True)
    families = [
        activations, softmax, cross_entropy, pointwise, batch_norm, layer_norm, embedding, linear, conv2d, pool2d,
        recurrent, optimizers, clipping,
    ]
    for family in families:
        torch.manual_seed(20240229)
        cases = Cases()
        family(cases)
        cases.write(target / f"{family.__name__}.txt")


if __name__ == "__main__":
    main()
