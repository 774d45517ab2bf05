"""Writes golden.json: PyTorch's optimisers, schedules and moving averages over several steps.

Run in an environment with torch; the tests read the file only. All in float64, so that the only rounding
is the engine's.
"""

import json
import pathlib

import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import get_ema_avg_fn

torch.manual_seed(11)
STEPS = 7
SHAPES = {"layer.weight": (5, 7), "layer.bias": (5,), "head.weight": (1, 37)}
START = {name: torch.randn(shape, dtype=torch.float64) for name, shape in SHAPES.items()}
GRADIENTS = [
    {name: torch.randn(shape, dtype=torch.float64) for name, shape in SHAPES.items()}
    for _ in range(STEPS)
]


def plain(tensors):
    return {
        name: {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}
        for name, tensor in tensors.items()
    }


def groups(parameters, rate, decay, head_factor=1.0, head_decay=None):
    """Biases do not decay; the head has its own rate and weight decay."""
    return [
        {"params": [parameters["layer.weight"]], "lr": rate, "weight_decay": decay},
        {"params": [parameters["layer.bias"]], "lr": rate, "weight_decay": 0.0},
        {
            "params": [parameters["head.weight"]],
            "lr": rate * head_factor,
            "weight_decay": decay if head_decay is None else head_decay,
        },
    ]


def run(make, rate, decay, average=None, schedule=None, **options):
    parameters = {name: torch.nn.Parameter(value.clone()) for name, value in START.items()}
    optimiser = make(groups(parameters, rate, decay, **options))
    scheduler = schedule(optimiser) if schedule else None
    averages = {name: value.clone() for name, value in START.items()}
    blend = get_ema_avg_fn(average) if average else None
    for number, gradients in enumerate(GRADIENTS):
        for name, parameter in parameters.items():
            parameter.grad = gradients[name].clone()
        optimiser.step()
        if scheduler:
            scheduler.step()
        if blend:
            for name in averages:
                averages[name] = blend(averages[name], parameters[name].detach(), number)
    result = {"parameters": plain(parameters)}
    if blend:
        result["averages"] = plain(averages)
    return result


def sgd(**options):
    return lambda groups: torch.optim.SGD(groups, **options)


def adam(**options):
    return lambda groups: torch.optim.Adam(groups, **options)


def adamw(**options):
    return lambda groups: torch.optim.AdamW(groups, **options)


RUNS = {
    "sgd": run(sgd(momentum=0.9, nesterov=False), 0.1, 0.0),
    "sgd nesterov": run(sgd(momentum=0.9, nesterov=True), 0.1, 0.05, average=0.9),
    "adam": run(adam(), 0.05, 0.0),
    "adam decay": run(adam(betas=(0.8, 0.95)), 0.05, 0.1),
    "adamw": run(adamw(), 0.05, 0.1, average=0.75),
    "groups": run(sgd(momentum=0.8, nesterov=True), 0.1, 0.05, head_factor=10.0, head_decay=0.2),
    "frozen": run(adamw(), 0.05, 0.1, head_factor=0.0, head_decay=0.0),
    "adamw cosine": run(
        adamw(), 0.05, 0.1, schedule=lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=STEPS)
    ),
}


def factors(make, steps):
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimiser)
    values = []
    for _ in range(steps):
        values.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return values


def warmed(rise, make):
    """A linear rise over `rise` steps that reaches the whole rate in its last."""
    return lambda o: lr_scheduler.SequentialLR(
        o,
        [lr_scheduler.LinearLR(o, start_factor=1 / rise, total_iters=rise - 1), make(o)],
        milestones=[rise],
    )


def cosine(steps, end=0.0):
    return lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=steps, eta_min=end)


def linear(steps, end=0.0):
    return lambda o: lr_scheduler.LinearLR(o, 1.0, end, total_iters=steps)


SCHEDULES = {
    "constant": factors(lambda o: lr_scheduler.ConstantLR(o, 1.0, 1), 50),
    "every 10": factors(lambda o: lr_scheduler.StepLR(o, 10, 0.3), 50),
    "at 12 and 30": factors(lambda o: lr_scheduler.MultiStepLR(o, [12, 30], 0.2), 50),
    "cosine": factors(cosine(50), 50),
    "cosine to 0.1": factors(cosine(50, 0.1), 50),
    "linear": factors(linear(50), 50),
    "warm cosine": factors(warmed(8, cosine(42)), 50),
    "warm linear to 0.2": factors(warmed(5, linear(45, 0.2)), 50),
    "warm constant": factors(warmed(6, lambda o: lr_scheduler.ConstantLR(o, 1.0, 1)), 50),
}

path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(
    json.dumps(
        {
            "start": plain(START),
            "gradients": [plain(gradients) for gradients in GRADIENTS],
            "runs": RUNS,
            "schedules": SCHEDULES,
        }
    )
    + "\n"
)
