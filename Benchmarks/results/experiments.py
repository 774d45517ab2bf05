"""The experiments of docs/results.md: for each the cells that give its numbers, and what others published.

A cell file prints its numbers as lines `@ name value`. `{seed}` is the seed of the first weights, of the
data order, of the transformations and of the measurements alike; everything else that a number depends on
stands in the cells. A number of `published` is quoted from what the project's reference marks as read; it
stands for its own data set and protocol, which are not ours.
"""

from dataclasses import dataclass, field

DATA = "let fashion = FashionMNIST()\nlet train = fashion.train.first({images})\nlet test = fashion.test\n"
ENCODER = "let encoder = NIN(widths: [24, 48])\n"
WARP = "let warp = Projective(scale: 0.8...1.2, jitter: 3, fill: .reflect)\n"
PROBE = (
    "probe({model}, train: train, test: test, head: .convolution, block: 2, epochs: 10, "
    "baselines: false, seed: {{seed}})"
)


@dataclass(frozen=True)
class Experiment:
    """Cells, the numbers that they print, and how the page names them."""

    name: str
    title: str
    cells: str
    numbers: dict[str, str]
    seeds: int = 3
    first: int = 1
    """The first of the seeds."""
    published: dict[str, str] = field(default_factory=dict)
    beside: tuple[tuple[str, str, str], ...] = ()
    """Numbers to compare seed by seed: one of these, another experiment, one of its."""
    remark: str = ""
    """What else a reader has to know of the protocol."""


def siamese(word: str, extra: str = "") -> str:
    """Trains a method that tells transformations, and measures both sides of it."""
    return (
        DATA + ENCODER + WARP
        + f"let model = {word}(for: fashion, transformation: warp, encoder: encoder, seed: {{seed}})\n"
        + "// %%\nlet run = train(model, on: train, epochs: {epochs}, batch: 128, seed: {seed})\n"
        + "let told = regression(model, on: test.first(2_000), seed: {seed})\n"
        + 'print("@ share \\(told.meanSquaredError / told.constantPredictorError)")\n'
        + "let numbers = told.rSquared.values\n"
        + 'print("@ rsquared \\(numbers.reduce(0.0) {{ $0 + ($1 ?? 0.0) }} / Double(numbers.count))")\n'
        + 'print("@ mask \\(told.maskOnly.values.reduce(0.0) {{ $0 + ($1 ?? 0.0) }} / Double(numbers.count))")\n'
        + 'print("@ corner \\(told.medianCornerError)")\n'
        + extra
        + 'print("@ knn \\(knn(model, train: train, test: test, k: 200, baselines: false).accuracy)")\n'
        + f'print("@ probe \\({PROBE.format(model="model")}.accuracy)")\n'
    )  # fmt: skip


def encoder(word: str, steps: str = "{epochs}", more: str = "") -> str:
    """Trains a comparison system, and measures its features."""
    training = (
        f"// %%\nlet run = train(model, on: train, epochs: {steps}, batch: 128, seed: {{seed}})\n"
        if steps != "0"
        else ""
    )
    return (
        DATA + ENCODER
        + f"let model = {word}(for: fashion, encoder: encoder, seed: {{seed}})\n"
        + training + more
        + 'print("@ knn \\(knn(model, train: train, test: test, k: 200, baselines: false).accuracy)")\n'
        + f'print("@ probe \\({PROBE.format(model="model")}.accuracy)")\n'
    )  # fmt: skip


FEATURES = {
    "knn": "kNN accuracy, k = 200, block 2 averaged",
    "probe": "accuracy of the convolutional head on block 2, 10 epochs",
}
TOLD = {
    "share": "squared error of whitened targets, share of the constant predictor's",
    "rsquared": "R², mean over the eight numbers",
    "mask": "the same of the mask-only control, which sees no image",
    "corner": "median corner error, pixels of 28",
}

EXPERIMENTS = [
    Experiment(
        "pixels", "Raw pixels",
        DATA
        + 'print("@ knn \\(knn(.pixels, train: train, test: test, k: 200, baselines: false).accuracy)")\n'
        'print("@ linear \\(probe(.pixels, train: train, test: test, head: .linear, '
        'baselines: false, seed: {seed}).accuracy)")\n'
        + f'print("@ probe \\({PROBE.format(model=".pixels").replace("block: 2, ", "")}.accuracy)")\n',
        {
            "knn": "kNN accuracy, k = 200",
            "linear": "linear probe",
            "probe": "accuracy of the convolutional head on the image itself, 10 epochs",
        },
        seeds=1,
    ),
    Experiment(
        "untrained", "Untrained encoder", encoder("Supervised", "0"), FEATURES,
        published={"probe": "27.50 % error on CIFAR-10, published NIN, 200 epochs of the head"},
    ),
    Experiment("aed", "AED, autoencoding the image", encoder("AED"), FEATURES),
    Experiment(
        "aet", "AET", siamese("AET"), TOLD | FEATURES,
        published={
            "probe": "7.82 % error on CIFAR-10 (AET-project), published NIN, 1,500 epochs, 200 of the head"
        },
    ),
    Experiment(
        "avt", "AVT",
        siamese(
            "AVT",
            "let bars = calibration(model, on: test.first(2_000), seed: {seed})\n"
            'print("@ slope \\(bars.slope)")\n'
            'print("@ deviation \\(bars.scoreDeviation)")\n',
        ),
        TOLD
        | {
            "slope": "calibration slope, squared error over predicted variance by tenths",
            "deviation": "root mean square of the z-scores",
        }
        | FEATURES,
    ),
    Experiment(
        "rotnet", "RotNet", encoder(
            "RotNet", more='print("@ turns \\(confusion(model, on: test.first(2_000)).accuracy)")\n'
        ),
        {"turns": "accuracy of the four turns"} | FEATURES,
        published={
            "probe": "8.84 % error on CIFAR-10, published NIN, 200 epochs, 100 of the head",
        },
    ),
    Experiment(
        "supervised", "Supervised", encoder(
            "Supervised", more='print("@ own \\(classification(model, test: test).accuracy)")\n'
        ),
        {"own": "accuracy of its own classifier"} | FEATURES,
        published={"own": "7.20 % error on CIFAR-10, published NIN"},
    ),
    Experiment(
        "vqvae", "VQ-VAE, K = 128, D = 16",
        DATA
        + "let model = VQVAE(for: fashion, codes: 128, dimension: 16, seed: {seed})\n"
        "// %%\nlet run = train(model, on: train, epochs: {epochs}, batch: 128, seed: {seed})\n"
        'print("@ share \\(reconstruction(model, on: test).share)")\n'
        "let book = codebook(model, on: test)\n"
        'print("@ perplexity \\(book.perplexity)")\nprint("@ codes \\(book.inUse)")\n',
        {
            "share": "reconstruction error, share of the data's variance",
            "perplexity": "perplexity of the codes over the whole test split",
            "codes": "codes in use",
        },
        published={
            "share": "0.056 on CIFAR-10, K = 512, D = 64, 10,000 steps (Sonnet's example)",
            "perplexity": "326 of 512 in the same",
        },
    ),
    Experiment(
        "equivae", "EquiVAE, all labels",
        DATA
        + "let model = EquiVAE(for: fashion, invariant: 16, equivariant: 8, inference: .distances, "
        "classification: 30, seed: {seed})\n"
        "// %%\nlet run = train(model, on: train, epochs: {long}, batch: 64, seed: {seed})\n"
        'print("@ prototypes \\(prototypes(model, train: train, test: test).accuracy)")\n'
        "let spaces = latentSpaces(model, on: test, train: train)\n"
        'print("@ invariant \\(spaces.invariant.accuracy)")\n'
        'print("@ equivariant \\(spaces.equivariant.accuracy)")\n',
        {
            "prototypes": "accuracy by the nearest r of a class",
            "invariant": "linear probe of r for the class",
            "equivariant": "linear probe of v for the class; chance is 0.1",
        },
        published={"prototypes": "0.82 ± 0.05 % error on MNIST, 12.30 ± 0.28 % on SVHN"},
    ),
    Experiment(
        "equivae100", "EquiVAE, 100 labels",
        DATA
        + "let few = fashion.train.labelled(100, seed: {seed})\n"
        "let model = EquiVAE(for: fashion, invariant: 16, equivariant: 8, classification: 1, dropout: 0.5, "
        "balance: 30, seed: {seed})\n"
        "// %%\nlet run = train(model, on: train, labelled: few, epochs: {few}, batch: 64, seed: {seed})\n"
        'print("@ inference \\(classification(model, test: test).accuracy)")\n'
        'print("@ prototypes \\(prototypes(model, train: few, test: test).accuracy)")\n',
        {
            "inference": "accuracy of q(y|x)",
            "prototypes": "accuracy by the nearest r of a class, 10 labelled images each",
        },
        seeds=5, first=11,
        beside=(("inference", "benchmark100", "inference"),),
        published={"inference": "8.90 ± 0.70 % error on MNIST with 100 labels"},
        remark="The options of EquiVAE were chosen on the labelled images of seeds 1 to 10, and tested on "
        "the same 10,000; a seed draws other labelled images.",
    ),
    Experiment(
        "benchmark100", "The same network with dropout, 100 labels alone",
        DATA
        + "let few = fashion.train.labelled(100, seed: {seed})\n"
        "let model = EquiVAEBenchmark(for: fashion, seed: {seed})\n"
        "// %%\nlet run = train(model, on: few, epochs: 400, batch: 50, seed: {seed})\n"
        'print("@ inference \\(classification(model, test: test).accuracy)")\n',
        {"inference": "accuracy of its classifier"},
        seeds=5, first=11,
        published={"inference": "21.91 ± 0.66 % error on MNIST with 100 labels"},
    ),
]  # fmt: skip
