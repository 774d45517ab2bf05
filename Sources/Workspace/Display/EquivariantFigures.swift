import CellLanguage
import Datasets
import Evaluation
import Methods
import Plotting
import Tensors

/// Both latent spaces of an EquiVAE side by side, with the accuracy of a linear probe of each.
func latentSpacesFigure(
  _ model: ModelObject, on images: ImageSetObject, train: ImageSetObject?, in context: CellContext
) throws -> (figure: any Figure, scores: (invariant: Value, equivariant: Value)) {
  _ = try EquivariantWords.equivae(model)
  let shown = images.images
  if let train, train.images.classNames != shown.classNames {
    throw CellError(
      .argumentError, "the two sets have different classes", fix: "take both from one data set")
  }
  var charts: [any Figure] = []
  var scores: [Value] = []
  for (block, name) in [(1, "invariant latent f_inv(x)"), (2, "equivariant latent v")] {
    let features = try Subject(model, block: block, in: context).features(of: shown, in: context)
    let score = try linearProbe(
      features, of: images, train: train, name: name, model, block: block, in: context)
    let components = try PrincipalComponents(of: features, components: 2)
    let points = try components.project(features).scalars
    func axis(_ word: String, _ index: Int) -> String {
      "\(word) principal component, \(Written.percent(Double(components.explained[index]), 0))"
    }
    let interval = score.interval
    charts.append(
      try ScatterChart(
        title: "\(name.prefix(1).uppercased())\(name.dropFirst()): "
          + "linear probe \(Written.percent(score.accuracy))",
        subtitle: "95 % interval \(Written.percent(interval.lowerBound)) to "
          + "\(Written.percent(interval.upperBound)), \(Written.count(score.count)) images",
        xLabel: axis("first", 0), yLabel: axis("second", 1),
        points: stride(from: 0, to: points.count, by: 2).map {
          Point(Double(points[$0]), Double(points[$0 + 1]))
        }, classes: shown.labels, classNames: shown.classNames, size: Size(560, 440)))
    scores.append(.object(ScoreObject(score)))
  }
  return (
    FigureGroup(
      title: "\(model.card.word): both latent spaces",
      subtitle: "\(images.summary), \(model.training)", .row, charts), (scores[0], scores[1])
  )
}

/// How often a linear classifier reads the class from features.
private func linearProbe(
  _ features: Tensor, of images: ImageSetObject, train: ImageSetObject?, name: String,
  _ model: ModelObject, block: Int, in context: CellContext
) throws -> Score {
  let labels = images.images.labels
  var (learned, learnedLabels) = (features, labels)
  var (asked, askedLabels) = (features, labels)
  if let train {
    learned = try Subject(model, block: block, in: context).features(of: train.images, in: context)
    learnedLabels = train.images.labels
  } else {
    let (even, odd) = (
      Array(stride(from: 0, to: labels.count, by: 2)),
      Array(stride(from: 1, to: labels.count, by: 2))
    )
    guard !odd.isEmpty else {
      throw CellError(
        .argumentError, "one image is not enough for a probe",
        fix: "take some more, such as fashion.test.first(2_000)")
    }
    (learned, learnedLabels) = (try features.gathered(rows: even), even.map { labels[$0] })
    (asked, askedLabels) = (try features.gathered(rows: odd), odd.map { labels[$0] })
  }
  let probe = try LinearProbe(
    features: learned, labels: learnedLabels, classes: images.images.classNames.count
  ) {
    if context.isInterrupted { throw CellError(.interrupted, "the probe was interrupted") }
  }
  let right = zip(try probe.classify(asked), askedLabels).count { $0 == $1 }
  return Score(
    name: "linear probe of the \(name)", right: right, count: askedLabels.count,
    protocolText: "\(model.card.word) block \(block), \(model.training); "
      + "logistic regression, L2 penalty \(probe.regression.penalty) chosen on a held-out tenth; "
      + (train.map { "train \($0.images.recipe), test \(images.images.recipe)" }
        ?? "every second image of \(images.images.recipe), tested on the others"))
}

/// Rows of classes, columns of equivariant latents on the way between two images.
func interpolationSheet(
  _ method: EquiVAE, _ model: ModelObject, between images: ImageSetObject, steps: Int
) throws -> any Figure {
  guard images.images.count >= 2 else {
    throw CellError(
      .argumentError, "an interpolation needs two images",
      fix: "write equivariantInterpolation(eq, between: fashion.test.first(2))")
  }
  let (ends, tensor, prototypes) = try begin(
    method, images, most: 2, operation: "equivariantInterpolation")
  let v = try latents(of: tensor, method)
  let (first, last) = (try v.rows(0..<1), try v.rows(1..<2))
  var path: [Tensor] = []
  for step in 0..<steps {
    let share = Float(step) / Float(steps - 1)
    path.append(try first * (1 - share) + last * share)
  }
  let way = try Tensor.concatenated(path, axis: 0)
  let classes = method.classCount
  let decoded = try bitmaps(
    try method.decode(
      invariant: prototypes.gathered(
        rows: (0..<classes).flatMap { [Int](repeating: $0, count: steps) }),
      equivariant: way.gathered(rows: (0..<classes).flatMap { _ in 0..<steps })))
  var top = [ImageSheet.Tile](repeating: ImageSheet.Tile(nil), count: steps)
  top[0] = ImageSheet.Tile(try ends.bitmap(at: 0))
  top[steps - 1] = ImageSheet.Tile(try ends.bitmap(at: 1))
  return ImageSheet(
    title: "\(model.card.word): equivariant interpolation under the r of every class",
    subtitle: "columns: v from that of the first image to that of the second; \(model.training)",
    rows: [top]
      + (0..<classes).map { label in
        decoded[label * steps..<(label + 1) * steps].map { ImageSheet.Tile($0) }
      }, rowHeaders: ["images"] + method.format.classNames)
}

/// Rows of invariant latents on the way from class to class, columns of equivariant latents.
func invariantSheet(
  _ method: EquiVAE, _ model: ModelObject, of images: ImageSetObject, steps: Int, classes: [Int]
) throws -> any Figure {
  let names = method.format.classNames
  let stations = classes.isEmpty ? Array(names.indices) : classes
  guard stations.count >= 2, stations.allSatisfy(names.indices.contains) else {
    throw CellError(
      .argumentError, "the way goes over two classes at least, from 0 to \(names.count - 1)",
      fix: "write classes: [0, 1, 2], or leave them out")
  }
  let (shown, tensor, prototypes) = try begin(
    method, images, most: 12, operation: "invariantSteps")
  let v = try latents(of: tensor, method)
  var path: [Tensor] = []
  var headers: [String] = []
  for (from, to) in zip(stations, stations.dropFirst()) {
    for step in 0..<steps {
      let share = Float(step) / Float(steps)
      path.append(
        try prototypes.rows(from..<from + 1) * (1 - share) + prototypes.rows(to..<to + 1) * share)
      headers.append(step == 0 ? names[from] : "")
    }
  }
  let end = stations[stations.count - 1]
  path.append(try prototypes.rows(end..<end + 1))
  let way = try Tensor.concatenated(path, axis: 0)
  let (count, rows) = (shown.images.count, path.count)
  let decoded = try bitmaps(
    try method.decode(
      invariant: way.gathered(rows: (0..<rows).flatMap { [Int](repeating: $0, count: count) }),
      equivariant: v.gathered(rows: (0..<rows).flatMap { _ in 0..<count })))
  return ImageSheet(
    title: "\(model.card.word): invariant steps with the v of each image",
    subtitle: "rows: r from that of one class to that of the next; columns: v of the image above; "
      + model.training,
    rows: [try (0..<count).map { ImageSheet.Tile(try shown.bitmap(at: $0)) }]
      + (0..<rows).map { row in
        decoded[row * count..<(row + 1) * count].map { ImageSheet.Tile($0) }
      }, rowHeaders: ["images"] + headers + [names[end]], pixelSize: 2)
}

/// Each image's invariant latent with each other's equivariant latent.
func swapSheet(
  _ method: EquiVAE, _ model: ModelObject, on images: ImageSetObject
) throws -> any Figure {
  let (shown, tensor, _) = try begin(method, images, most: 12, operation: "swaps")
  let count = shown.images.count
  let decoded = try bitmaps(
    try method.decode(
      invariant: method.invariantLatents(of: tensor).gathered(
        rows: (0..<count).flatMap { [Int](repeating: $0, count: count) }),
      equivariant: latents(of: tensor, method).gathered(
        rows: (0..<count).flatMap { _ in 0..<count })))
  let originals = try (0..<count).map { ImageSheet.Tile(try shown.bitmap(at: $0)) }
  return ImageSheet(
    title: "\(model.card.word): invariant latents swapped",
    subtitle: "r of the image on the left, v of the image above; \(model.training)",
    rows: [[ImageSheet.Tile(nil)] + originals]
      + (0..<count).map { row in
        [originals[row]]
          + decoded[row * count..<(row + 1) * count].map { ImageSheet.Tile($0) }
      }, groups: [.init("r of", columns: 1), .init("v of", columns: count)])
}

/// The images to show, as numbers, and the r of the classes.
private func begin(
  _ method: EquiVAE, _ images: ImageSetObject, most: Int, operation: String
) throws -> (shown: ImageSetObject, tensor: Tensor, prototypes: Tensor) {
  guard images.images.imageShape == method.format.shape else {
    throw TensorError.shape(
      operation: operation, shapes: [images.images.imageShape, method.format.shape],
      fix: "the model takes images of \(Written.shape(method.format.shape))")
  }
  guard let prototypes = method.prototypes else { throw EquiVAE.withoutPrototypes(operation) }
  let shown = try images.images.first(min(images.images.count, most))
  return (ImageSetObject(shown), try shown.tensor(), prototypes)
}

/// The mean of v of each image under the nearest r.
private func latents(of images: Tensor, _ method: EquiVAE) throws -> Tensor {
  try method.encode(images, block: 2)
}
