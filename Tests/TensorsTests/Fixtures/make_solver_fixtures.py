"""Writes solvers.json: what scikit-learn makes of small problems of sparse regression, codes and margins.

Run it with scikit-learn 1.9 and NumPy: python make_solver_fixtures.py
Inputs are numbers that single precision holds exactly; everything is computed in double precision.
Forward selection, and pursuit for several targets at once, are a few lines of NumPy here: scikit-learn has the
first only by cross-validation and the second not at all.
"""

import json
import pathlib

import numpy as np
from sklearn.linear_model import Lasso, orthogonal_mp
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import SVC, LinearSVC

random = np.random.default_rng(31)


def normal(*shape):
    return random.normal(size=shape).astype(np.float32).astype(np.float64)


def written(array):
    array = np.asarray(array, dtype=np.float64)
    return {"shape": list(array.shape), "values": [float(f"{v:.9g}") for v in array.ravel()]}


def case(solver, inputs, outputs, labels=(), **options):
    return {
        "solver": solver,
        "inputs": [written(x) for x in inputs],
        "labels": [int(v) for v in labels],
        "options": options,
        "outputs": [written(x) for x in outputs],
    }


def fitted(x, y, picks, penalty):
    """Ridge coefficients for the picks, and the objective."""
    a = np.concatenate([x[:, picks], np.sqrt(penalty) * np.eye(len(picks))])
    b = np.concatenate([y, np.zeros((len(picks), y.shape[1]))])
    w = np.linalg.lstsq(a, b, rcond=None)[0]
    return w, ((a @ w - b) ** 2).sum()


def greedy(x, y, count, penalty, forward):
    """Coefficients for targets that share their picks."""
    picks = []
    for _ in range(count):
        others = [j for j in range(x.shape[1]) if j not in picks]
        if forward:
            scores = [-fitted(x, y, picks + [j], penalty)[1] for j in others]
        else:
            left = y - x[:, picks] @ fitted(x, y, picks, penalty)[0] if picks else y
            scores = [((x[:, j] @ left) ** 2).sum() / (x[:, j] ** 2).sum() for j in others]
        picks.append(others[int(np.argmax(scores))])
    result = np.zeros((x.shape[1], y.shape[1]))
    result[picks] = fitted(x, y, picks, penalty)[0]
    return result


def selection(solver, x, y, count, sharing, penalty, centring):
    forward = solver == "forwardSelection"
    means = (x.mean(0), y.mean(0)) if centring else (0 * x.mean(0), 0 * y.mean(0))
    a, b = x - means[0], y - means[1]
    groups = [b] if sharing else [b[:, [t]] for t in range(b.shape[1])]
    w = np.concatenate([greedy(a, g, count, penalty, forward) for g in groups], axis=1)
    return case(solver, [x, y], [w, means[1] - means[0] @ w], features=count, sharing=float(sharing),
                penalty=penalty, centring=float(centring))


def pursuit(x, y, count):
    # scikit-learn takes columns as if they had length 1, and the coefficients follow from theirs.
    lengths = np.linalg.norm(x, axis=0)
    w = orthogonal_mp(x / lengths, y, n_nonzero_coefs=count) / lengths[:, None]
    return case("orthogonalMatchingPursuit", [x, y], [w, np.zeros(y.shape[1])], features=count, sharing=0.0,
                penalty=0.0, centring=0.0)


def codes(signals, dictionary, penalty):
    # Its objective is divided by the number of values.
    model = Lasso(alpha=penalty / signals.shape[1], positive=True, fit_intercept=False, tol=1e-14, max_iter=10**6)
    return case("nonNegativeCodes", [signals, dictionary],
                [[model.fit(dictionary.T, x).coef_ for x in signals]], penalty=penalty)


def clusters(count, width, classes):
    labels = np.arange(count) % classes
    centres = 0.8 * normal(classes, width)
    return (centres[labels] + normal(count, width)).astype(np.float32).astype(np.float64), labels


def linear(x, labels, queries, loss, cost, bias):
    model = LinearSVC(loss=loss, C=cost, dual=True, tol=1e-9, max_iter=10**6, intercept_scaling=bias or 1,
                      fit_intercept=bias > 0, random_state=0).fit(x, labels)
    intercept = model.intercept_ if bias > 0 else np.zeros(3)
    return case("linear", [x, queries], [model.coef_, intercept, model.decision_function(queries)], labels,
                squared=float(loss == "squared_hinge"), cost=cost, bias=bias)


def kernel(x, labels, queries, cost, gamma, rest):
    svc = SVC(C=cost, kernel="rbf" if gamma else "linear", gamma=gamma or "scale", tol=1e-10,
              decision_function_shape="ovo")
    if rest:
        model = OneVsRestClassifier(svc).fit(x, labels)
        intercepts = [e.intercept_[0] for e in model.estimators_]
    else:
        model = svc.fit(x, labels)
        intercepts = model.intercept_
    return case("kernel", [x, queries], [model.decision_function(queries), intercepts, model.predict(queries)], labels,
                cost=cost, gamma=gamma, rest=float(rest))


x, y = normal(30, 12), normal(30, 3)
tall, labels = clusters(33, 5, 3)
queries = normal(7, 5)
unit = normal(10, 14)
unit = (unit / np.linalg.norm(unit, axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
cases = [
    *[pursuit(normal(*shape), normal(shape[0], targets), count)
      for shape, targets, count in [((30, 12), 3, 4), ((20, 40), 2, 6), ((17, 5), 2, 5)]],
    *[selection(solver, x, y, 4, sharing, penalty, centring)
      for solver in ["forwardSelection", "orthogonalMatchingPursuit"]
      for sharing in [False, True] for penalty, centring in [(0.0, False), (2.5, True)]],
    *[codes(normal(7, 14), unit, penalty) for penalty in [0.02, 0.3]],
    codes(normal(4, 8), normal(20, 8), 0.5),
    *[linear(tall, labels, queries, loss, cost, bias)
      for loss in ["hinge", "squared_hinge"] for cost, bias in [(0.1, 1.0), (2.0, 3.0), (1.0, 0.0)]],
    *[kernel(tall, labels, queries, cost, gamma, rest)
      for rest in [False, True] for cost, gamma in [(0.3, 0.0), (5.0, 0.0), (1.0, 0.2), (50.0, 0.5)]],
]
path = pathlib.Path(__file__).with_name("solvers.json")
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
