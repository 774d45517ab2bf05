"""Writes golden.json: scikit-learn's logistic regression, and its exact gradient and divergence of t-SNE.

Run in an environment with numpy and scikit-learn; the tests read the file only. All in float64, so that the
only rounding is the engine's. The inputs are rounded to float32 first, since that is what the engine is given.
"""

import json
import pathlib

import numpy
from scipy.spatial.distance import squareform
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import _t_sne

random = numpy.random.default_rng(3)


def single(values):
    return numpy.asarray(values, numpy.float32).astype(numpy.float64)


def digits(values, count=11):
    """Enough digits for comparisons to 1e-5; float32 inputs need 9 to come back exactly."""
    return [float(f"{value:.{count}g}") for value in numpy.ravel(values)]


def regression(rows, width, classes, strength):
    centres = random.normal(size=(classes, width))
    labels = random.integers(classes, size=rows)
    features = single(centres[labels] + 1.5 * random.normal(size=(rows, width)))
    model = LogisticRegression(C=strength, tol=1e-12, max_iter=100_000).fit(features, labels)
    probabilities = model.predict_proba(features)
    loss = -numpy.log(probabilities[numpy.arange(rows), labels]).mean()
    penalty = 1 / (strength * rows)
    return {
        "rows": rows,
        "width": width,
        "classes": classes,
        "penalty": penalty,
        "features": digits(features, 9),
        "labels": labels.tolist(),
        "weights": digits(model.coef_),
        "biases": digits(model.intercept_),
        "objective": loss + penalty / 2 * (model.coef_**2).sum(),
        "predicted": model.predict(features).tolist(),
    }


def conditional(distances, perplexity):
    """Each row's Gaussian, by bisection to the last bit of the entropy."""
    rows = len(distances)
    result = numpy.zeros_like(distances)
    for i in range(rows):
        others = numpy.delete(distances[i], i)
        low, high = 0.0, 1e6
        for _ in range(200):
            beta = (low + high) / 2
            weights = numpy.exp(-beta * (others - others.min()))
            share = weights / weights.sum()
            entropy = -(share * numpy.log(numpy.maximum(share, 1e-300))).sum()
            low, high = (beta, high) if entropy > numpy.log(perplexity) else (low, beta)
        result[i] = numpy.insert(share, i, 0)
    return result


def embedding(rows, width, perplexity):
    features = single(random.normal(size=(rows, width)) + 3 * (random.integers(3, size=rows)[:, None]))
    distances = ((features[:, None] - features[None]) ** 2).sum(-1)
    own = conditional(distances, perplexity)
    joint = (own + own.T) / (2 * rows)
    positions = single(2 * random.normal(size=(rows, 2)))
    divergence, gradient = _t_sne._kl_divergence(
        positions.ravel(), squareform(joint, checks=False), 1, rows, 2
    )
    return {
        "rows": rows,
        "width": width,
        "perplexity": perplexity,
        "features": digits(features, 9),
        "joint": digits(joint),
        "positions": digits(positions, 9),
        "divergence": float(divergence),
        "gradient": digits(gradient),
    }


golden = {
    "regressions": [
        regression(rows=140, width=9, classes=4, strength=1.0),
        regression(rows=83, width=12, classes=3, strength=0.02),
    ],
    "embedding": embedding(rows=41, width=7, perplexity=9.0),
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden) + "\n")
print(path, path.stat().st_size, "bytes")
