"""The twins of Orbit's backbones in PyTorch: the same layers under the same names.

`BACKBONES` has one line for each file that `Tests/WorkspaceTests/BackboneTests.swift` writes. Images and
maps are `[N, C, H, W]` here and `[N, H, W, C]` in the files.
"""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor, nn


class ConvolutionUnit(nn.Module):
    """Convolution without bias, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, window: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, window, padding=window // 2, bias=False)
        self.normalisation = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.normalisation(self.convolution(x)))


def maximum() -> nn.Module:
    return nn.MaxPool2d(3, stride=2, padding=1)


def average() -> nn.Module:
    return nn.AvgPool2d(3, stride=2, padding=1)


class NIN(nn.Module):
    """Up to four blocks; the features of a block are the global average of its output."""

    def __init__(self, *blocks: list[nn.Module]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(*block) for block in blocks)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        outputs = {}
        for number, block in enumerate(self.blocks, start=1):
            x = block(x)
            outputs[f"block{number}"] = x.mean((2, 3))
        return outputs

    @staticmethod
    def published(channels: int) -> NIN:
        unit = ConvolutionUnit
        return NIN(
            [unit(channels, 192, 5), unit(192, 160, 1), unit(160, 96, 1), maximum()],
            [unit(96, 192, 5), unit(192, 192, 1), unit(192, 192, 1), average()],
            [unit(192, 192, 3), unit(192, 192, 1), unit(192, 192, 1)],
            [unit(192, 192, 3), unit(192, 192, 1), unit(192, 192, 1)],
        )

    @staticmethod
    def small(channels: int, first: int, second: int, depth: int = 4) -> NIN:
        unit = ConvolutionUnit
        blocks = [
            [unit(channels, first, 5), unit(first, first, 1), maximum()],
            [unit(first, second, 3), unit(second, second, 1), average()],
            [unit(second, second, 3), unit(second, second, 1)],
            [unit(second, second, 3), unit(second, second, 1)],
        ]
        return NIN(*blocks[:depth])

    def maps(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class Whitening(nn.Module):
    """(x − mean) / deviation for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean[:, None, None]) / self.deviation[:, None, None]


class AET(nn.Module):
    """Whitening, an encoder for both views, a linear decoder of the pair; gives the encoder's features."""

    def __init__(self, channels: int, encoder: NIN, features: int, targets: int) -> None:
        super().__init__()
        self.whitening = Whitening(channels)
        self.encoder = encoder
        self.decoder = nn.Linear(2 * features, targets)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return self.encoder(self.whitening(x))


class GaussianHead(nn.Module):
    """Two linear maps, to means and to log-variances, and a counter of the first steps."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.mean = nn.Linear(inputs, outputs)
        self.log_variance = nn.Linear(inputs, outputs)
        self.register_buffer("warm_up", torch.zeros(1))


class AVT(nn.Module):
    """As AET, with a log-variance of block 2's maps and a decoder with error bars; gives the features."""

    def __init__(self, channels: int, encoder: NIN, features: int, targets: int) -> None:
        super().__init__()
        self.whitening = Whitening(channels)
        self.encoder = encoder
        self.log_variance = nn.Sequential(
            nn.Conv2d(features, features, 1, bias=False), nn.BatchNorm2d(features)
        )
        self.decoder = GaussianHead(2 * features, targets)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return self.encoder(self.whitening(x))


class Classifier(nn.Module):
    """Whitening, an encoder, a linear map of its features: RotNet and the supervised network."""

    def __init__(
        self, channels: int, encoder: NIN, features: int, classes: int, says: bool
    ) -> None:
        super().__init__()
        self.whitening = Whitening(channels)
        self.encoder = encoder
        self.classifier = nn.Linear(features, classes)
        self.says = says

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        outputs = self.encoder(self.whitening(x))
        if self.says:
            features = outputs[f"block{len(self.encoder.blocks)}"]
            outputs["probabilities"] = self.classifier(features).softmax(1)
        return outputs


class AED(nn.Module):
    """Two blocks, a bottleneck and the way back; gives features, codes and reconstructions."""

    def __init__(self, channels: int, first: int, second: int, code: int) -> None:
        super().__init__()
        self.whitening = Whitening(channels)
        self.encoder = NIN.small(channels, first, second, depth=2)
        self.bottleneck = nn.Conv2d(second, code, 1)
        self.decoder = nn.Sequential(
            ConvolutionUnit(code, second, 3),
            nn.Upsample(scale_factor=2),
            ConvolutionUnit(second, first, 3),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(first, channels, 3, padding=1),
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.whitening(x)
        outputs = self.encoder(x)
        code = self.bottleneck(self.encoder.maps(x))
        outputs["block3"] = code.mean((2, 3))
        made = self.decoder(code)
        made = made * self.whitening.deviation[:, None, None] + self.whitening.mean[:, None, None]
        outputs["reconstruction"] = made.clamp(0, 1)
        return outputs


class Residual(nn.Module):
    """x + 1×1 of ReLU of 3×3 of ReLU of x; nothing is done in place, so the skip path is x itself."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.wide = nn.Conv2d(channels, inner, 3, padding=1)
        self.narrow = nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.narrow(torch.relu(self.wide(torch.relu(x))))


class Codebook(nn.Module):
    """The nearest code of each vector; the codes and their averages are buffers."""

    def __init__(self, codes: int, dimension: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(codes, dimension))
        self.register_buffer("cluster_size", torch.ones(codes))
        self.register_buffer("cluster_sum", torch.zeros(codes, dimension))
        self.register_buffer("steps", torch.zeros(()))
        self.register_buffer("is_started", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        rows = x.permute(0, 2, 3, 1)
        places = torch.cdist(rows.flatten(0, 2), self.weight).argmin(1)
        return self.weight[places].view_as(rows).permute(0, 3, 1, 2)


class VQVAE(nn.Module):
    """Gives the encoder's map, the codes' in its place, and the images that the decoder makes of them."""

    def __init__(
        self, channels: int, hidden: int, inner: int, blocks: int, codes: int, dimension: int
    ) -> None:
        super().__init__()
        half = hidden // 2
        self.whitening = Whitening(channels)
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, half, 4, 2, 1), nn.ReLU(),
            nn.Conv2d(half, hidden, 4, 2, 1), nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1),
            *(Residual(hidden, inner) for _ in range(blocks)), nn.ReLU(),
            nn.Conv2d(hidden, dimension, 1),
        )  # fmt: skip
        self.quantizer = Codebook(codes, dimension)
        self.decoder = nn.Sequential(
            nn.Conv2d(dimension, hidden, 3, padding=1),
            *(Residual(hidden, inner) for _ in range(blocks)), nn.ReLU(),
            nn.ConvTranspose2d(hidden, half, 4, 2, 1), nn.ReLU(),
            nn.ConvTranspose2d(half, channels, 4, 2, 1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        encoded = self.encoder(self.whitening(x))
        quantised = self.quantizer(encoded)
        return {
            "block1": encoded,
            "block2": quantised,
            "reconstruction": self.decoder(quantised).clamp(0, 1),
        }


def rows(maps: Tensor) -> Tensor:
    """Maps as rows of features, channels innermost."""
    return maps.permute(0, 2, 3, 1).flatten(1)


class Trunk(nn.Module):
    """Two convolutions that halve the sides and a linear layer, all rectified."""

    def __init__(self, channels: int, places: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, 32, 4, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 64, 4, stride=2, padding=1), nn.ReLU(),
        )  # fmt: skip
        self.linear = nn.Linear(64 * places, 128)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.linear(rows(self.convolutions(x))))


class Prototypes(nn.Module):
    """A vector for each class, with the number of images behind it."""

    def __init__(self, classes: int, dimension: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(classes, dimension))
        self.register_buffer("count", torch.zeros(classes))


class EquiVAE(nn.Module):
    """Both latents, the class probabilities, and the image from the nearest prototype and the mean of v."""

    def __init__(self, shape: tuple[int, int, int], classes: int, invariant: int, equivariant: int) -> None:
        super().__init__()
        channels, height, width = shape
        self.sides = (height // 4, width // 4)
        places = self.sides[0] * self.sides[1]
        self.equivariant = equivariant
        self.whitening = Whitening(channels)
        self.invariant = Trunk(channels, places)
        self.invariant_head = nn.Linear(128, invariant)
        self.trunk = Trunk(channels, places)
        self.classifier = nn.Linear(128, classes)
        self.posterior = nn.Sequential(nn.Linear(128 + invariant, 128), nn.ReLU())
        self.posterior_head = nn.Linear(128, 2 * equivariant)
        self.opening = nn.Sequential(
            nn.Linear(invariant + equivariant, 128), nn.ReLU(), nn.Linear(128, 64 * places), nn.ReLU()
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(32, channels, 4, stride=2, padding=1),
        )  # fmt: skip
        self.prototypes = Prototypes(classes, invariant)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.whitening(x)
        own = self.invariant_head(self.invariant(x))
        r = self.prototypes.mean[torch.cdist(own, self.prototypes.mean).argmin(1)]
        features = self.trunk(x)
        v = self.posterior_head(self.posterior(torch.cat([features, r], 1)))[:, : self.equivariant]
        maps = self.opening(torch.cat([r, v], 1)).unflatten(1, (*self.sides, 64)).permute(0, 3, 1, 2)
        return {
            "block1": own,
            "block2": v,
            "probabilities": self.classifier(features).softmax(1),
            "reconstruction": self.decoder(maps).sigmoid(),
        }


# The name of a file, and how its twin is made.
BACKBONES: dict[str, Callable[[], nn.Module]] = {
    "nin-published": lambda: NIN.published(3),
    "nin-small": lambda: NIN.small(1, 5, 9),
    "linear": lambda: nn.Linear(18, 8),
    "aet": lambda: AET(1, NIN.small(1, 4, 8), 8, 8),
    "avt": lambda: AVT(1, NIN.small(1, 4, 8), 8, 8),
    "rotnet": lambda: Classifier(1, NIN.small(1, 4, 8), 8, 4, says=False),
    "aed": lambda: AED(1, 4, 8, 8),
    "supervised": lambda: Classifier(1, NIN.small(1, 4, 8, depth=3), 8, 10, says=True),
    "vqvae": lambda: VQVAE(1, 8, 4, 2, 12, 5),
    "equivae": lambda: EquiVAE((1, 28, 28), 10, 5, 3),
}
