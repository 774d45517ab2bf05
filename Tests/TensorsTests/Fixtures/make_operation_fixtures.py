"""Writes operations.json: values and gradients by PyTorch of arithmetic, functions, movements, products,
reductions, decompositions and chains of units.

Run it with PyTorch 2.13 (CPU): python make_operation_fixtures.py
Everything is computed in double precision from inputs that single precision holds exactly; every row draws
its own numbers, so that adding one changes no other. Images are [N, H, W, C] in the file; weights stay
[O, I, H, W].
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def written(tensor):
    return {
        "shape": list(tensor.shape),
        "values": [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()],
    }


def single(tensor):
    return tensor.float().double()


def normal(*shape, scale=1.0):
    return single(scale * torch.randn(shape))


def positive(*shape):
    return single(0.3 + torch.rand(shape))


rows = []


def row(name, inputs, compute, constants=(), differentiable=True):
    """Adds value and gradients of <upstream, operation>; inputs are made by functions, `constants` get no
    gradient."""
    torch.manual_seed(41)
    inputs, constants = [make() for make in inputs], [make() for make in constants]
    leaves = [x.clone().requires_grad_(differentiable) for x in inputs]
    output = compute(*leaves, *constants).double()
    upstream = torch.randn(output.shape).double()
    gradients = torch.autograd.grad((output * upstream).sum(), leaves) if differentiable else []
    rows.append(
        {
            "name": name,
            "inputs": [written(x) for x in inputs],
            "constants": [written(x) for x in constants],
            "output": written(output),
            "upstream": written(upstream),
            "gradients": [written(g) for g in gradients],
        }
    )


def N(*shape, scale=1.0):
    return lambda: normal(*shape, scale=scale)


def P(*shape):
    return lambda: positive(*shape)


# Arithmetic: equal shapes, the right one repeated, single values, numbers.
for name, function in [
    ("+", torch.add), ("-", torch.sub), ("*", torch.mul), ("/", torch.div),
]:
    row(name, [P(3, 19), P(3, 19)], function)
    row(name, [P(4, 3, 5), P(3, 5)], function)
    row(name, [P(3, 7), P(1)], function)
    row(f"{name} number", [N(3, 19)], lambda x, function=function: function(x, 1.75))
row("negative", [N(19)], torch.neg)

# Functions.
for name, inputs, function in [
    ("rectified", N(3, 19), torch.relu),
    ("tanh", N(3, 19, scale=3), torch.tanh),
    ("sigmoid", N(3, 19, scale=5), torch.sigmoid),
    ("exponential", N(3, 19, scale=2), torch.exp),
    ("logarithm", P(3, 19), torch.log),
    ("squared", N(3, 19), torch.square),
    ("squareRoot", P(3, 19), torch.sqrt),
    ("absolute", N(3, 19), torch.abs),
    ("sine", N(3, 19, scale=5), torch.sin),
    ("cosine", N(3, 19, scale=5), torch.cos),
    ("power", P(3, 19), lambda x: x.pow(2.5)),
    ("clamped", N(3, 19), lambda x: x.clamp(-0.5, 1.25)),
]:
    row(name, [inputs], function)
row("maximum of two", [N(3, 19), N(3, 19)], torch.maximum)
row("minimum of two", [N(3, 19), N(3, 19)], torch.minimum)
row("softmax", [N(4, 19, scale=5)], lambda x: x.softmax(-1))
row("logSoftmax", [N(4, 19, scale=5)], lambda x: x.log_softmax(-1))
row("meanSquaredError", [N(4, 19)], F.mse_loss, [N(4, 19)])
row(
    "reparameterised", [N(4, 19), N(4, 19)], lambda mean, s, e: mean + (s / 2).exp() * e, [N(4, 19)]
)

# Reductions.
row("sum", [N(3, 19)], torch.sum)
row("mean", [N(3, 19)], torch.mean)
row("sum over axes", [N(2, 3, 4, 5)], lambda x: x.sum((0, 2)))
row("mean over axes", [N(2, 3, 4, 5)], lambda x: x.mean((1, 2)))
row("globallyAveraged", [N(2, 3, 5, 17)], lambda x: x.mean((1, 2)))

# Movements.
row("reshaped", [N(4, 6)], lambda x: x.reshape(2, 3, 4))
row("transposed", [N(5, 18)], lambda x: x.T)
row("rows", [N(5, 3, 2)], lambda x: x[1:4])
row("columns", [N(2, 3, 19)], lambda x: x[..., 1:18])
row("sliced", [N(3, 9, 2)], lambda x: x[:, 1:8:3])
row("gathered", [N(4, 5)], lambda x: x[torch.tensor([2, 0, 2, 2, 3])])
row("concatenated", [N(2, 1, 3), N(2, 4, 3)], lambda x, y: torch.cat([x, y], 1))
row("broadcast", [N(2, 1, 3)], lambda x: x.expand(4, 2, 5, 3))
row("cropped", [N(2, 5, 6, 3)], lambda x: x[:, 1:4, 2:6])
row(
    "shifted", [N(2, 4, 5, 3)],
    lambda x: F.pad(x.permute(0, 3, 1, 2), (-2, 2, 1, -1), value=0.5).permute(0, 2, 3, 1),
)
row("straightThrough", [N(4, 5), N(4, 5)], lambda q, z: z + (q - z).detach() + 0 * q)

# Quantisers, with what their gradients hold constant detached.
def through(value, x):
    return x + (value - x).detach()


row("rounded", [N(3, 19, scale=3)], lambda x: through(x.round(), x))
row("signs", [N(3, 19)], lambda x: through(torch.where(x < 0, -1.0, 1.0).double(), x))


def finite_scalar_quantised(x):
    levels = torch.tensor([8, 7, 5, 4, 2]).double()
    half = (levels - 1) * (1 + 1e-3) / 2
    offset = torch.where(levels % 2 == 0, 0.5, 0.0).double()
    bounded = (x + (offset / half).atanh()).tanh() * half - offset
    return through(bounded.round(), bounded) / (levels / 2).floor()


row("finiteScalarQuantised", [N(9, 5, scale=1.5)], finite_scalar_quantised)


def rotated(e, q):
    with torch.no_grad():
        a, b = F.normalize(e, dim=1), F.normalize(q, dim=1)
        r = F.normalize(a + b, dim=1)
        outer = lambda x, y: x[:, :, None] * y[:, None, :]
        rotation = torch.eye(e.shape[1]).double() - 2 * outer(r, r) + 2 * outer(b, a)
        rotation *= (q.norm(dim=1) / e.norm(dim=1))[:, None, None]
    return torch.einsum("nij,nj->ni", rotation, e) + 0 * q


row("rotated", [N(4, 19), N(4, 19)], rotated)
row("rotated", [N(3, 2), N(3, 2)], rotated)


def thin_plate_grid(displacements, points):
    """4 by 5 pixels; the coefficients of each spline are solved for, then evaluated."""
    count = points.shape[0]

    def basis(places):
        square = (places[:, None] - points[None]).square().sum(2)
        radial = torch.where(square > 0, square * square.clamp_min(1e-300).log(), 0.0)
        return torch.cat([radial, torch.ones(len(places), 1).double(), places], 1)

    system = torch.zeros(count + 3, count + 3).double()
    system[:count] = basis(points)
    system[count:, :count] = system[:count, count:].T
    y, x = torch.meshgrid(
        (2 * torch.arange(4).double() + 1) / 4 - 1, (2 * torch.arange(5).double() + 1) / 5 - 1,
        indexing="ij",
    )
    places = torch.stack([x, y], -1).reshape(-1, 2)
    sides = F.pad(displacements, (0, 0, 0, 3))
    return (places + basis(places) @ torch.linalg.solve(system, sides)).reshape(-1, 4, 5, 2)


row("thinPlateGrid", [N(3, 7, 2)], thin_plate_grid, [N(7, 2)])

# Products and decompositions.
row("matrixProduct", [N(5, 19), N(19, 7)], torch.matmul)
row("matrixProduct of transposed", [N(19, 5), N(7, 19)], lambda a, b: a.T @ b.T)
row("matrixProducts", [N(2, 3, 4, 5), N(2, 3, 5, 6)], torch.matmul)
row("linear", [N(2, 3, 19), N(7, 19), N(7)], F.linear)


def cholesky_solved(a, b):
    a = (a + a.mT) / 2 + 6 * torch.eye(6).double()
    return torch.cholesky_solve(b, torch.linalg.cholesky(a))


row("choleskySolved", [N(6, 6), N(6, 2)], cholesky_solved)
row("leastSquares", [N(9, 4), N(9, 2)], lambda a, b: torch.linalg.lstsq(a, b).solution, differentiable=False)
row(
    "ridgeRegression", [N(9, 4), N(9, 2)],
    lambda a, b: torch.linalg.solve(a.T @ a + 0.5 * torch.eye(4).double(), a.T @ b),
    differentiable=False,
)
row("symmetricEigen values", [N(6, 6)], lambda a: torch.linalg.eigvalsh(a + a.T), differentiable=False)
# Of the vectors the signs are a convention.
row("symmetricEigen vectors", [N(6, 6)], lambda a: torch.linalg.eigh(a + a.T)[1].abs(), differentiable=False)
row("singularValueDecomposition left", [N(7, 4)], lambda a: torch.linalg.svd(a, False)[0].abs(), differentiable=False)
row("singularValueDecomposition values", [N(7, 4)], torch.linalg.svdvals, differentiable=False)
row("singularValueDecomposition right", [N(7, 4)], lambda a: torch.linalg.svd(a, False)[2].abs(), differentiable=False)


def rotation_angles(a):
    w = torch.stack([a[:, 2, 1] - a[:, 1, 2], a[:, 0, 2] - a[:, 2, 0], a[:, 1, 0] - a[:, 0, 1]], 1)
    return torch.atan2(w.norm(dim=1) / 2, (a.diagonal(dim1=1, dim2=2).sum(1) - 1) / 2)


row("rotationAngles", [N(6, 3, 3)], rotation_angles)

# Places.
row("argumentOfMaximum", [N(6, 19)], lambda x: x.argmax(1), differentiable=False)
row("nearestCodes", [N(9, 5), N(19, 5)], lambda z, e: torch.cdist(z, e).argmin(1), differentiable=False)


# Chains of units: convolution, batch normalisation in each of two branches, ReLU, a pooling.
def chain(pooling):
    def compute(x, *parameters):
        x = x.permute(0, 3, 1, 2)
        for weight, scale, shift in zip(parameters[::3], parameters[1::3], parameters[2::3]):
            x = F.conv2d(x, weight, padding=weight.shape[-1] // 2)
            parts = [F.batch_norm(part, None, None, scale, shift, True) for part in x.chunk(2)]
            x = torch.cat(parts).relu()
        if pooling == "maximum":
            x = F.max_pool2d(x, 3, 2, 1)
        if pooling == "average":
            x = F.avg_pool2d(x, 3, 2, 1)
        return x.permute(0, 2, 3, 1)

    return compute


def unit(inputs, outputs, window):
    return [N(outputs, inputs, window, window, scale=0.4), P(outputs), N(outputs, scale=0.5)]


row("convolutionChain", [N(4, 5, 6, 3), *unit(3, 7, 3)], chain(None))
row("convolutionChain maximum", [N(4, 7, 6, 2), *unit(2, 6, 5), *unit(6, 17, 1)], chain("maximum"))
row("convolutionChain average", [N(2, 6, 5, 1), *unit(1, 5, 3), *unit(5, 4, 3)], chain("average"))

path = pathlib.Path(__file__).with_name("operations.json")
path.write_text(json.dumps(rows, separators=(",", ":")) + "\n")
