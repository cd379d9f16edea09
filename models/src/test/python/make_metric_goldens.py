"""Writes metric_goldens.json: metrics as scikit-learn computes them, for MetricGoldensTest.

Run from the repository root with numpy and scikit-learn installed:

    python3 models/src/test/python/make_metric_goldens.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

TARGET = pathlib.Path(__file__).parents[1] / "resources/dev/tandem/models/metrics/metric_goldens.json"


def classification(name, classes, actual, predicted):
    def averaged(average, labels=None):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            actual, predicted, labels=labels, average=average, zero_division=0)
        return [np.asarray(value).tolist() for value in (precision, recall, f1)]

    labels = list(range(classes))
    return {
        "name": name, "classes": classes,
        "actual": [int(value) for value in actual], "predicted": [int(value) for value in predicted],
        "confusion": metrics.confusion_matrix(actual, predicted, labels=labels).tolist(),
        "accuracy": metrics.accuracy_score(actual, predicted),
        "perClass": averaged(None, labels),
        "macro": averaged("macro"), "micro": averaged("micro"), "weighted": averaged("weighted"),
    }


def regression(name, actual, predicted):
    actual, predicted = (np.asarray(values, np.float32).astype(np.float64) for values in (actual, predicted))
    return {
        "name": name, "actual": actual.tolist(), "predicted": predicted.tolist(),
        "mae": metrics.mean_absolute_error(actual, predicted),
        "mse": metrics.mean_squared_error(actual, predicted),
        # The root over all targets; squared=False averages a root for each.
        "rmse": float(np.sqrt(metrics.mean_squared_error(actual, predicted))),
        "r2": metrics.r2_score(actual, predicted),
    }


def main():
    warnings.simplefilter("ignore")
    random = np.random.default_rng(2)
    ten = random.integers(0, 10, 80)
    noise = random.normal(size=(12, 3))
    targets = random.normal(size=(12, 3)) * [1, 10, 100]
    constant = np.column_stack([targets[:, 0], np.full(12, 3.0)])
    goldens = {
        "scikit-learn": sklearn.__version__,
        "classification": [
            classification("two classes", 2, [0, 0, 1, 1, 1, 0], [0, 1, 1, 1, 0, 0]),
            classification("ten classes", 10, ten, np.where(random.random(80) < 0.6, ten, random.integers(0, 10, 80))),
            classification("a class never predicted", 3, [0, 1, 2, 2], [0, 1, 1, 0]),
            classification("a class without examples", 3, [0, 0, 1, 1], [0, 2, 1, 2]),
            classification("a class that does not occur", 4, [0, 0, 3, 1], [0, 1, 3, 1]),
            classification("nothing right", 2, [0, 0, 1], [1, 1, 0]),
            classification("one class", 1, [0, 0], [0, 0]),
        ],
        "regression": [
            regression("one target", targets[:, :1], targets[:, :1] + noise[:, :1]),
            regression("three targets of different scale", targets, targets + noise),
            regression("mean far from zero", targets[:, :1] + 1e6, targets[:, :1] + 1e6 + noise[:, :1]),
            regression("constant target, wrong", constant, constant + noise[:, :2]),
            regression("constant target, exact", constant, constant + np.column_stack([noise[:, 0], np.zeros(12)])),
            regression("worse than the mean", [[1.0], [2.0], [3.0]], [[3.0], [2.0], [1.0]]),
        ],
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(goldens, separators=(",", ":")).replace("{\"name\"", "\n{\"name\"") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
