"""The training steps that Orbit's engine is measured against, in PyTorch.

Each class is one workload: the same architecture, batch, precision, optimiser and work per step as its twin of the
same name in Benchmarks/Engine. The driver compares the numbers of parameters of both sides before it times
anything. Both sides draw fresh transformations or noise in every step, on the same images.

Written as a careful PyTorch user would: fused optimisers, no synchronisation but the loss that every step reads,
transformations drawn and warped as one batch.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Unit(nn.Module):
    """Convolution without bias, batch normalisation, ReLU."""

    def __init__(self, inputs, outputs, window):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, window, padding=(window - 1) // 2, bias=False)
        self.normalisation = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return F.relu(self.normalisation(self.convolution(x)), inplace=True)


def network_in_network(channels, widths):
    """The published four blocks, or the small ones of two widths."""
    if widths is None:
        return nn.Sequential(
            Unit(channels, 192, 5), Unit(192, 160, 1), Unit(160, 96, 1), nn.MaxPool2d(3, 2, 1),
            Unit(96, 192, 5), Unit(192, 192, 1), Unit(192, 192, 1), nn.AvgPool2d(3, 2, 1),
            Unit(192, 192, 3), Unit(192, 192, 1), Unit(192, 192, 1),
            Unit(192, 192, 3), Unit(192, 192, 1), Unit(192, 192, 1),
        )  # fmt: skip
    first, second = widths
    return nn.Sequential(
        Unit(channels, first, 5), Unit(first, first, 1), nn.MaxPool2d(3, 2, 1),
        Unit(first, second, 3), Unit(second, second, 1), nn.AvgPool2d(3, 2, 1),
        Unit(second, second, 3), Unit(second, second, 1),
        Unit(second, second, 3), Unit(second, second, 1),
    )  # fmt: skip


def draw_projective(batch, size, jitter):
    """Homographies of the 8-point recipe in centred coordinates, and their targets."""
    corners = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    turns = (torch.arange(4) + torch.randint(4, (batch, 1))) % 4
    scale = torch.empty(batch, 1, 1).uniform_(0.8, 1.2)
    moved = corners[turns] * scale
    moved += torch.empty(batch, 4, 2).uniform_(-jitter, jitter) * (2 / size)
    x, y = corners[:, 0].expand(batch, 4), corners[:, 1].expand(batch, 4)
    u, v = moved.unbind(-1)
    one, zero = torch.ones_like(x), torch.zeros_like(x)
    rows = torch.cat(
        [
            torch.stack([x, y, one, zero, zero, zero, -u * x, -u * y], -1),
            torch.stack([zero, zero, zero, x, y, one, -v * x, -v * y], -1),
        ],
        1,
    )
    return torch.linalg.solve(rows, torch.cat([u, v], 1))


def warp(images, homographies):
    """Each image under its homography, bilinear, reflected at the border."""
    batch, _, height, width = images.shape
    x = (torch.arange(width) * 2 + 1) / width - 1
    y = (torch.arange(height) * 2 + 1) / height - 1
    x, y = x.view(1, 1, -1), y.view(1, -1, 1)
    h = homographies.view(batch, 8, 1, 1)
    inverse = 1 / (h[:, 6] * x + h[:, 7] * y + 1)
    grid = torch.stack(
        [
            (h[:, 0] * x + h[:, 1] * y + h[:, 2]) * inverse,
            (h[:, 3] * x + h[:, 4] * y + h[:, 5]) * inverse,
        ],
        -1,
    )
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


class Workload:
    """One step on a fixed set of images; `network` holds the parameters."""

    network: nn.Module
    channels_last = False

    def prepare(self, compiled, channels_last, precision):
        self.channels_last = channels_last
        self.precision = precision
        if channels_last:
            self.network = self.network.to(memory_format=torch.channels_last)
        self.objective = torch.compile(self.loss) if compiled else self.loss

    def laid_out(self, images):
        return images.contiguous(memory_format=torch.channels_last) if self.channels_last else images

    def forward(self, *inputs):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bfloat16"):
            return self.objective(*inputs)

    def finish(self, loss):
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return loss.item()


class AET(Workload):
    """Predict the projective transformation between two views; two passes, each normalised on its own."""

    def __init__(self, widths, shape, batch):
        height, _, channels = shape
        features = 192 if widths is None else widths[1]
        self.network = nn.ModuleDict(
            {
                "encoder": network_in_network(channels, widths),
                "decoder": nn.Linear(2 * features, 8),
            }
        )
        self.images = torch.rand(8 * batch, channels, height, height)
        self.batch, self.size = batch, height
        self.jitter = height / 8
        with torch.no_grad():
            drawn = draw_projective(20_000, self.size, self.jitter)
        self.mean, self.deviation = drawn.mean(0), drawn.std(0)
        self.optimiser = torch.optim.SGD(
            self.network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, nesterov=True, fused=True
        )

    def loss(self, original, transformed, targets):
        features = [self.network["encoder"](view).mean((2, 3)) for view in (original, transformed)]
        return F.mse_loss(self.network["decoder"](torch.cat(features, 1)).float(), targets)

    def step(self):
        original = self.images[torch.randint(len(self.images), (self.batch,))]
        with torch.no_grad():
            drawn = draw_projective(self.batch, self.size, self.jitter)
            transformed = warp(original, drawn)
            targets = (drawn - self.mean) / self.deviation
            views = [self.laid_out((view - 0.5) / 0.29) for view in (original, transformed)]
        return self.finish(self.forward(*views, targets))


class Residual(nn.Module):
    """x + convolution 1×1 of ReLU of convolution 3×3 of ReLU of x."""

    def __init__(self, channels, inner):
        super().__init__()
        self.wide = nn.Conv2d(channels, inner, 3, padding=1)
        self.narrow = nn.Conv2d(inner, channels, 1)

    def forward(self, x):
        return x + self.narrow(F.relu(self.wide(F.relu(x))))


class VQVAE(Workload):
    """Discrete latents with a codebook that follows the encoder by moving averages (Sonnet's layout)."""

    def __init__(self, batch, hidden=64, inner=32, dimension=16, codes=128):
        self.network = nn.ModuleDict(
            {
                "encoder": nn.Sequential(
                    nn.Conv2d(1, hidden // 2, 4, 2, 1), nn.ReLU(),
                    nn.Conv2d(hidden // 2, hidden, 4, 2, 1), nn.ReLU(),
                    nn.Conv2d(hidden, hidden, 3, padding=1),
                    Residual(hidden, inner), Residual(hidden, inner), nn.ReLU(),
                    nn.Conv2d(hidden, dimension, 1),
                ),
                "decoder": nn.Sequential(
                    nn.Conv2d(dimension, hidden, 3, padding=1),
                    Residual(hidden, inner), Residual(hidden, inner), nn.ReLU(),
                    nn.ConvTranspose2d(hidden, hidden // 2, 4, 2, 1), nn.ReLU(),
                    nn.ConvTranspose2d(hidden // 2, 1, 4, 2, 1),
                ),
            }
        )  # fmt: skip
        self.codebook = torch.randn(codes, dimension)
        self.counts, self.sums = torch.ones(codes), self.codebook.clone()
        self.images = torch.rand(8 * batch, 1, 28, 28)
        self.batch = batch
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=1e-3, fused=True)

    def loss(self, images, codebook):
        encoded = self.network["encoder"](images).float()
        rows = encoded.permute(0, 2, 3, 1).reshape(-1, codebook.shape[1])
        with torch.no_grad():
            places = (codebook.square().sum(1) - 2 * rows @ codebook.T).argmin(1)
            quantised = codebook[places].view_as(encoded.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        commitment = F.mse_loss(encoded, quantised)
        passed = encoded + (quantised - encoded).detach()
        reconstruction = F.mse_loss(self.network["decoder"](passed).float(), images) / 0.0833
        return reconstruction + 0.25 * commitment, rows.detach(), places

    def step(self):
        images = self.laid_out(self.images[torch.randint(len(self.images), (self.batch,))])
        loss, rows, places = self.forward(images, self.codebook)
        value = self.finish(loss)
        with torch.no_grad():
            codes = len(self.codebook)
            assigned = F.one_hot(places, codes).float()
            self.counts.mul_(0.99).add_(assigned.sum(0), alpha=0.01)
            self.sums.mul_(0.99).add_(assigned.T @ rows, alpha=0.01)
            total = self.counts.sum()
            smoothed = (self.counts + 1e-5) / (total + codes * 1e-5) * total
            self.codebook = self.sums / smoothed[:, None]
        return value


def trunk(features=128):
    return nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(), nn.Flatten(),
        nn.Linear(64 * 49, features), nn.ReLU(),
    )  # fmt: skip


class EquiVAE(Workload):
    """Class-invariant r from complements and equivariant v; one loss for labelled, one for unlabelled images."""

    def __init__(self, batch, labelled, latent=16, classes=10):
        self.network = nn.ModuleDict(
            {
                "invariant": nn.Sequential(trunk(), nn.Linear(128, latent)),
                "trunk": trunk(),
                "classifier": nn.Linear(128, classes),
                "posterior": nn.Sequential(
                    nn.Linear(128 + latent, 128), nn.ReLU(), nn.Linear(128, 2 * latent)
                ),
                "decoder": nn.Sequential(
                    nn.Linear(2 * latent, 128), nn.ReLU(), nn.Linear(128, 64 * 49), nn.ReLU(),
                    nn.Unflatten(1, (64, 7, 7)),
                    nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(32, 1, 4, 2, 1),
                ),
            }
        )  # fmt: skip
        self.batch, self.latent, self.classes, self.labelled = batch, latent, classes, labelled
        self.images = torch.rand(batch, 1, 28, 28)
        # Two images of each class, learned from beside the unlabelled ones and compared with.
        self.few = torch.rand(2 * classes, 1, 28, 28)
        self.labels = torch.arange(batch) % classes
        members = F.one_hot(self.labels, classes).float()
        # Leave one out: the mean over the other images of the same class.
        same = members @ members.T - torch.eye(batch)
        self.routing = same / same.sum(1, keepdim=True)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=1e-3, fused=True)
        self.loss = self.labelled_loss if labelled else self.unlabelled_loss

    def describe(self, features, invariant, images):
        """−log p(x|r, v) and KL(q(v|r, x) ‖ N(0, I)) for each row."""
        net = self.network
        mean, log_variance = net["posterior"](torch.cat([features, invariant], 1)).float().chunk(2, 1)
        latent = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        logits = net["decoder"](torch.cat([invariant, latent], 1)).float()
        error = F.binary_cross_entropy_with_logits(logits, images, reduction="none").sum((1, 2, 3))
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
        return error + divergence

    def labelled_loss(self, images, few):
        features = self.network["trunk"](images)
        invariant = self.routing @ self.network["invariant"](images)
        bound = self.describe(features, invariant, images)
        return bound.mean() + F.cross_entropy(self.network["classifier"](features).float(), self.labels)

    def unlabelled_loss(self, images, few):
        net, known, count, classes = self.network, len(few), len(images), self.classes
        features = net["trunk"](torch.cat([few, images]))
        logits = net["classifier"](features).float()
        invariant = net["invariant"](few)
        # A labelled image is compared with the other of its class. For the rest row n·classes + y is image n
        # under the hypothesis y, of which the first of its two images tells r.
        bound = self.describe(
            torch.cat([features[:known], features[known:].repeat_interleave(classes, 0)]),
            torch.cat([invariant.roll(classes, 0), invariant[:classes].repeat(count, 1)]),
            torch.cat([few, images.repeat_interleave(classes, 0)]),
        )  # fmt: skip
        log_q = F.log_softmax(logits[known:], 1)
        whole = (log_q.exp() * (bound[known:].view(count, classes) + log_q)).sum(1).mean()
        own = F.cross_entropy(logits[:known], torch.arange(known) % classes) * (count / known)
        return bound[:known].mean() + whole + own

    def step(self):
        return self.finish(
            self.forward(self.laid_out(self.images), self.laid_out(self.few))
        )


WORKLOADS = {
    "aet-published": lambda: AET(None, (32, 32, 3), 64),
    "aet-small": lambda: AET((24, 48), (28, 28, 1), 128),
    "vqvae": lambda: VQVAE(128),
    "equivae-labelled": lambda: EquiVAE(64, True),
    "equivae-unlabelled": lambda: EquiVAE(64, False),
}
