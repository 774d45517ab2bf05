"""Writes numeric.json: values and gradients by PyTorch of the numerical and probabilistic operations.

Run it with PyTorch 2.13 (CPU): python make_numeric_fixtures.py
Everything is computed in double precision from inputs that single precision holds exactly.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, Independent, Normal, kl_divergence

torch.manual_seed(21)
torch.set_num_threads(1)


def written(tensor):
    return {"shape": list(tensor.shape), "values": [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]}


def normal(*shape, scale=1.0):
    return (scale * torch.randn(shape)).double()


def uniform(*shape):
    return torch.rand(shape).double()


def case(operation, inputs, compute, constants=(), options=None):
    """Value and gradients of <upstream, operation> for `inputs`; `constants` get no gradient."""
    inputs = [x.float().double() for x in inputs]
    constants = [x.float().double() for x in constants]
    leaves = [x.clone().requires_grad_() for x in inputs]
    output = compute(*leaves, *constants)
    upstream = torch.randn(output.shape).double()
    gradients = torch.autograd.grad((output * upstream).sum(), leaves)
    return {
        "operation": operation,
        "inputs": [written(x) for x in inputs],
        "constants": [written(x) for x in constants],
        "options": options or {},
        "output": written(output),
        "upstream": written(upstream),
        "gradients": [written(g) for g in gradients],
    }


def each_example(x):
    return x.flatten(1).sum(1)


def gaussian(mean, log_variance):
    return Independent(Normal(mean, (0.5 * log_variance).exp()), mean.dim() - 1)


def discretised_logistic(mean, log_scale, target, levels):
    half = 0.5 / (levels - 1)
    logistic = lambda edge: torch.sigmoid((edge - mean) * torch.exp(-log_scale))
    upper = torch.where(target > 1 - half, 1.0, logistic(target + half))
    lower = torch.where(target < half, 0.0, logistic(target - half))
    return each_example(-torch.log(upper - lower))


def marginal(logits, bounds):
    q = logits.softmax(1)
    prior = Categorical(logits=torch.zeros_like(logits))
    return (q * bounds).sum(1) - kl_divergence(Categorical(logits=logits), prior)


def nearest_rotation(matrix):
    u, _, v = torch.linalg.svd(matrix)
    signs = torch.ones(matrix.shape[:-1]).double()
    signs[..., -1] = torch.det(u @ v).detach()
    return u @ torch.diag_embed(signs) @ v


def masked(fill):
    return lambda x, mask: fill(x.masked_fill(mask == 0, -torch.inf))


mask = (uniform(4, 19) < 0.6).double()
mask[:, 3] = 1
shape = (3, 2, 5, 2)
targets = uniform(*shape)
bins = (uniform(*shape) * 255).round()
bins[0, 0, 0] = torch.tensor([0.0, 255.0])
codes = torch.tensor([2, 0, 2, 3, 2, 0])

cases = [
    case("softplus", [normal(3, 19, scale=9)], F.softplus),
    case("leakyRectified", [normal(3, 19)], lambda x: F.leaky_relu(x, 0.25), options={"slope": 0.25}),
    case("exponentialLinear", [normal(3, 19)], lambda x: F.elu(x, 1.5), options={"alpha": 1.5}),
    case("gated", [normal(3, 19, scale=2), normal(3, 19, scale=2)], lambda a, b: a.tanh() * b.sigmoid()),
    case("squashed", [normal(4, 8)], lambda s: s * (n := (s.square().sum(-1, True) + 1e-8).sqrt()) / (1 + n * n)),
    case("euclideanNormalised", [normal(4, 19)], lambda x: F.normalize(x, dim=-1)),
    case("maximum", [normal(3, 8, 5)], lambda x: x.amax(1), options={"axis": 1}),
    case("complexModulus", [normal(5, 3, 2)], lambda z: torch.view_as_complex(z).abs()),
    case("scatterAdded", [normal(6, 5)], lambda x: torch.zeros(4, 5).double().index_add(0, codes, x)),
    case("logSumExp", [normal(4, 19, scale=9)], masked(lambda x: x.logsumexp(1)), [mask]),
    case("softmax", [normal(4, 19, scale=9)], masked(lambda x: x.softmax(1)), [mask]),
    case("bernoulli", [normal(*shape, scale=9)],
         lambda l, t: each_example(F.binary_cross_entropy_with_logits(l, t, reduction="none")), [targets]),
    case("gaussian", [normal(*shape), normal(*shape)],
         lambda mean, s, t: each_example(F.gaussian_nll_loss(mean, t, s.exp(), full=True, reduction="none")), [targets]),
    case("gaussianFixed", [normal(*shape)],
         lambda mean, t: -Independent(Normal(mean, 0.25), 3).log_prob(t), [targets], {"deviation": 0.25}),
    case("discretisedLogistic", [normal(*shape, scale=0.3) + 0.5, normal(*shape, scale=0.5) - 2],
         lambda mean, s, t: discretised_logistic(mean, s, t, 256), [bins / 255]),
    case("gaussianDivergence", [normal(*shape), normal(*shape)],
         lambda mean, s: kl_divergence(gaussian(mean, s), gaussian(torch.zeros_like(mean), torch.zeros_like(mean)))),
    case("gaussianDivergenceFrom", [normal(*shape), normal(*shape), normal(*shape), normal(*shape)],
         lambda mean, s, other, r: kl_divergence(gaussian(mean, s), gaussian(other, r))),
    case("entropy", [normal(4, 19, scale=3)], lambda x: Categorical(logits=x).entropy()),
    case("categoricalDivergence", [normal(4, 19, scale=3), normal(4, 19, scale=3)],
         lambda p, q: kl_divergence(Categorical(logits=p), Categorical(logits=q))),
    case("divergence", [normal(4, 19, scale=3)],
         lambda x, t: F.kl_div(x.log_softmax(1), t, reduction="none").sum(1), [normal(4, 19).softmax(1)]),
    case("marginalBound", [normal(5, 10, scale=3), normal(5, 10, scale=20)], marginal),
    case("solved", [normal(6, 6), normal(6, 2)], torch.linalg.solve),
    case("inverse", [normal(4, 3, 3)], torch.linalg.inv),
    case("inverse", [normal(2, 5, 5)], torch.linalg.inv),
    case("determinant", [normal(4, 3, 3)], torch.linalg.det),
    case("determinant", [normal(2, 5, 5)], torch.linalg.det),
    case("nearestRotations", [normal(6, 3, 3)], nearest_rotation),
]
path = pathlib.Path(__file__).with_name("numeric.json")
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
