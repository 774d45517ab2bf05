"""Train the tutorial's network with several seeds and print the numbers as a Markdown table.

    python Benchmarks/seeds.py [--kernel orbit] [--seeds 1 2 3] [--images 10000] [--epochs 3]
        [--precision bfloat16]

Each seed settles the first weights and the run alike. The features are block 2's, averaged over the image;
the vote is the tutorial's: k = 200, cosine, temperature 0.07, all 10,000 test images.
"""

import argparse
import statistics

from jupyter_client.manager import start_new_kernel

SETUP = """
let fashion = FashionMNIST()
let small = fashion.train.first({images})
let pixels = knn(.pixels, train: small, test: fashion.test, k: 200).accuracy
"""
SEED = """
let warp = Projective(scale: 0.8...1.2, jitter: 3, fill: {fill})
let aet = AET(for: fashion, transformation: warp, encoder: NIN(widths: [32, 64]), seed: {seed})
let untrained = knn(aet, train: small, test: fashion.test, k: 200).accuracy
let run = train(aet, on: small, epochs: {epochs}, batch: 128, seed: {seed}{more})
let trained = knn(aet, train: small, test: fashion.test, k: 200).accuracy
"""


def evaluate(client, code, expressions=()):
    reply = client.execute_interactive(
        code,
        user_expressions={name: name for name in expressions},
        output_hook=lambda message: None,
        timeout=1200,
    )["content"]
    if reply["status"] != "ok":
        raise SystemExit(f"{reply['ename']}: {reply['evalue']}")
    return [
        float(reply["user_expressions"][name]["data"]["text/plain"]) for name in expressions
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kernel", default="orbit")
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options.add_argument("--images", type=int, default=10_000)
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    options = options.parse_args()
    manager, client = start_new_kernel(kernel_name=options.kernel)
    try:
        (pixels,) = evaluate(client, SETUP.format(images=options.images), ["pixels"])
        print(f"raw pixels, kNN: {pixels:.4f}\n")
        print("| fill | seed | loss / constant predictor | kNN untrained | kNN trained |")
        print("|---|---:|---:|---:|---:|")
        names = ["run.loss / run.constantPredictorLoss", "untrained", "trained"]
        for fill in [".reflect", ".constant(0.5)"]:
            rows = []
            for seed in options.seeds:
                more = "" if options.precision == "float32" else f", precision: .{options.precision}"
                code = SEED.format(fill=fill, seed=seed, epochs=options.epochs, more=more)
                rows.append(evaluate(client, code, names))
                cells = " | ".join(f"{value:.4f}" for value in rows[-1])
                print(f"| `{fill}` | {seed} | {cells} |", flush=True)
            means = " | ".join(f"{statistics.mean(column):.4f}" for column in zip(*rows))
            print(f"| `{fill}` | mean | {means} |", flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


if __name__ == "__main__":
    main()
