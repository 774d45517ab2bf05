"""Time single operations: `python operations.py THREADS`. One line of JSON each, named as in Benchmarks/Engine.

Images are tried in both memory layouts and the faster one counts.
"""

import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F


def median_seconds(body):
    for _ in range(2):
        body()
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < 0.3:
        before = time.perf_counter()
        body()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def report(name, *bodies):
    seconds = min(median_seconds(body) for body in bodies)
    print(json.dumps({"name": name, "seconds": seconds}), flush=True)


def layouts(shape):
    n, h, w, c = shape
    images = torch.rand(n, c, h, w) * 2 - 1
    return [images, images.contiguous(memory_format=torch.channels_last)]


def forward_and_back(function, *inputs):
    inputs = [x.detach().clone(memory_format=torch.preserve_format).requires_grad_() for x in inputs]
    with torch.no_grad():
        upstream = torch.rand_like(function(*inputs))

    def body():
        for x in inputs:
            x.grad = None
        function(*inputs).backward(upstream)

    return body


def inference(function, *inputs):
    def body():
        with torch.no_grad():
            function(*inputs)

    return body


def convolutions():
    for batch, inputs, side, outputs, window, stride in [
        (32, 192, 16, 192, 5, 1), (32, 192, 16, 192, 3, 1), (32, 192, 32, 160, 1, 1),
        (64, 32, 28, 64, 3, 1), (64, 64, 14, 64, 3, 1), (128, 24, 28, 24, 1, 1),
        (128, 24, 14, 48, 3, 1), (128, 32, 14, 64, 4, 2),
    ]:  # fmt: skip
        weight = torch.rand(outputs, inputs, window, window) * 2 - 1

        def convolve(x, w):
            return F.conv2d(x, w, stride=stride, padding=(window - 1) // 2)

        name = f"convolution {window}×{window}, {batch}×{side}²×{inputs}→{outputs}"
        name += f", stride {stride}" if stride > 1 else ""
        images = layouts((batch, side, side, inputs))
        report(f"{name}: forward", *(inference(convolve, x, weight) for x in images))
        report(f"{name}: forward and back", *(forward_and_back(convolve, x, weight) for x in images))
    weight = torch.rand(64, 32, 4, 4)
    report(
        "transposed convolution 4×4, 128×14²×64→32, stride 2: forward and back",
        *(
            forward_and_back(lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1), x, weight)
            for x in layouts((128, 14, 14, 64))
        ),
    )


def images():
    for shape in [(128, 16, 16, 192), (128, 28, 28, 24)]:
        both = layouts(shape)
        scale, shift = torch.rand(shape[3]), torch.rand(shape[3])
        size = f"{shape[0]}×{shape[1]}²×{shape[3]}"
        normalise = lambda x, a, b: F.relu(F.batch_norm(x, None, None, a, b, True))  # noqa: E731
        group = lambda x, a, b: F.group_norm(x, 8, a, b)  # noqa: E731
        for name, function, more in [
            (f"batch normalisation and ReLU, {size}", normalise, (scale, shift)),
            (f"group normalisation (8), {size}", group, (scale, shift)),
            (f"maximum 3×3, stride 2, {size}", lambda x: F.max_pool2d(x, 3, 2, 1), ()),
            (f"average 3×3, stride 2, {size}", lambda x: F.avg_pool2d(x, 3, 2, 1), ()),
        ]:
            report(f"{name}: forward and back", *(forward_and_back(function, x, *more) for x in both))


def grid_sampling():
    for shape in [(128, 28, 28, 1), (64, 32, 32, 3), (64, 14, 14, 48)]:
        # The identity, with up to a fifth more or less in each entry.
        maps = torch.eye(3)[:2] + 0.2 * (torch.rand(shape[0], 2, 3) * 2 - 1)
        for mode, suffix in [("zeros", ""), ("border", ", clamped"), ("reflection", ", reflected")]:
            bodies = []
            for x in layouts(shape):
                grid = F.affine_grid(maps, x.shape, align_corners=False)
                sample = lambda x, g: F.grid_sample(x, g, "bilinear", mode, align_corners=False)  # noqa: E731, B023
                bodies.append(forward_and_back(sample, x, grid))
            size = f"{shape[0]}×{shape[1]}²×{shape[3]}"
            report(f"grid sampling, {size}{suffix}: forward and back", *bodies)


def vectors():
    report(
        "linear, 64×3136→128: forward and back",
        forward_and_back(F.linear, torch.rand(64, 3136), torch.rand(128, 3136)),
    )
    rows, codebook = torch.rand(6272, 16), torch.rand(128, 16)
    report(
        "nearest of 128 codes, 6272×16",
        inference(lambda z, e: (e.square().sum(1) - 2 * z @ e.T).argmin(1), rows, codebook),
    )
    logits, targets = torch.rand(640, 784), torch.rand(640, 784)
    report(
        "Bernoulli likelihood, 640×784: forward and back",
        forward_and_back(
            lambda x: F.binary_cross_entropy_with_logits(x, targets, reduction="none").sum(1), logits
        ),
    )
    for name, make in [
        ("SGD with momentum", lambda p: torch.optim.SGD(p, 1e-4, 0.9, weight_decay=5e-4, nesterov=True, fused=True)),
        ("Adam", lambda p: torch.optim.Adam(p, 1e-4, fused=True)),
    ]:  # fmt: skip
        shapes = [(192, 192, 3, 1) if i % 2 == 0 else (192,) for i in range(20)]
        parameters = [torch.rand(shape).requires_grad_() for shape in shapes]
        for parameter in parameters:
            parameter.grad = torch.rand_like(parameter)
        report(f"{name}, 1.1 million values in 20 tensors", make(parameters).step)


torch.set_num_threads(int(sys.argv[1]))
convolutions()
images()
grid_sampling()
vectors()
