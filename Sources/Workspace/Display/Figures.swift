import CellLanguage
import Datasets
import Imaging
import Layers
import Methods
import Plotting
import Tensors
import Training

/// The images of a set with the names of their classes.
func contactSheet(_ images: ImageSetObject, most: Int = 120) throws -> any Figure {
  let count = min(images.images.count, most)
  let left = images.images.count - count
  let tiles = try (0..<count).map { place in
    ImageSheet.Tile(try images.bitmap(at: place), caption: images.className(at: place))
  }
  return ImageSheet(
    title: images.images.name,
    subtitle: left > 0
      ? "the first \(count) of \(Written.count(images.images.count)) images"
      : "\(count) image\(count == 1 ? "" : "s")", tiles: tiles)
}

/// Images in rows, transformations in columns; the first column shows the images as they are.
func transformationGrid(
  _ whole: any TransformationFamily, on images: ImageSetObject, count: Int, seed: Int
) throws -> any Figure {
  let shown = try images.images.first(min(images.images.count, 12))
  let tensor = try shown.tensor()
  let size = try ImageSize(of: tensor)
  let note = whole.note(channels: tensor.shape[3])
  let family = try whole.fitting(channels: tensor.shape[3])
  var generator = Generator(seed: UInt64(seed)).split(.transformation)
  let drawn = try family.samples(count, size: size, using: &generator)
  var columns: [[Bitmap]] = []
  var first: [Bitmap] = []
  for (index, transformation) in drawn.enumerated() {
    let views = try family.views(
      of: tensor, by: [Transformation](repeating: transformation, count: shown.count),
      using: Generator(seed: UInt64(seed)).split(.augmentation, index))
    if index == 0 { first = try bitmaps(views.original) }
    columns.append(try bitmaps(views.transformed))
  }
  let rows = (0..<shown.count).map { row in
    [ImageSheet.Tile(first[row])]
      + columns.enumerated().map { index, column in
        ImageSheet.Tile(
          column[row],
          outlines: family.isGeometric
            ? [.init(drawn[index].frame(size: size).map { Point($0.x, $0.y) }, style: .truth)] : [])
      }
  }
  let explanation =
    family.isGeometric
    ? "one a column, fill \(family.fill)\(family.mask == .circle ? ", seen through a circle" : ""); "
      + "the line is the image's own frame, the dot its top left corner"
    : "one a column; factors of each blend"
  return ImageSheet(
    title: "\(family.name.prefix(1).uppercased())\(family.name.dropFirst()) transformations",
    subtitle: explanation + (note.isEmpty ? "" : "; \(note)"),
    rows: rows, columnHeaders: ["image"] + drawn.map { family.caption(of: $0) },
    margin: family.isGeometric ? 8 : 2, pixelSize: 3)
}

/// Images `[N, H, W, C]` with values in 0...1, to be drawn.
func bitmaps(_ images: Tensor) throws -> [Bitmap] {
  let shape = images.shape
  let values = images.scalars
  let length = shape[1] * shape[2] * shape[3]
  return try (0..<shape[0]).map { index in
    try Bitmap(
      width: shape[2], height: shape[1], channels: shape[3],
      values: values[index * length..<(index + 1) * length])
  }
}

/// The loss of runs over their steps, with the constant predictor's line; of one run every term.
func lossChart(
  _ runs: [RunObject], isLogarithmic: Bool?, in context: CellContext
) throws -> any Figure {
  guard !runs.isEmpty else {
    throw CellError(
      .argumentError, "there are no runs to plot", fix: "give a run, as train(…) returns it")
  }
  let trained = runs.filter { $0.run.step > 0 }
  guard let first = trained.first else {
    throw CellError(.argumentError, "the run has no steps yet", fix: "train before you plot")
  }
  let series =
    trained.count == 1
    ? termSeries(of: first.run)
    : trained.enumerated().map { index, run in
      let losses = run.run.history["loss"] ?? []
      return LineChart.Series(
        context.workspace.name(of: run) ?? "run \(index + 1)", values: losses, start: 1,
        smoothing: max(1, losses.count / 20))
    }
  // Runs with the same chance line share it.
  var references: [LineChart.Reference] = []
  for run in trained {
    guard let value = run.method.constantPredictorLoss else { continue }
    if !references.contains(where: { abs($0.value - value) < 1e-6 }) {
      references.append(.init("constant predictor", value: value))
    }
  }
  let run = first.run
  let labels = Set(trained.map { type(of: $0.method).card.loss })
  return LineChart(
    title: trained.count == 1 ? first.title : "\(trained.count) runs",
    subtitle: trained.count == 1
      ? "\(run.plan.epochs) epoch\(run.plan.epochs == 1 ? "" : "s") of "
        + "\(Written.count(run.plan.stepsPerEpoch)) step\(run.plan.stepsPerEpoch == 1 ? "" : "s"), batch \(run.plan.batch), "
        + "learning rate \(run.options.rate), seed \(run.options.seed); \(run.status.word)"
      : "", xLabel: "step", yLabel: labels.count == 1 ? labels.first ?? "loss" : "loss",
    series: series, references: references,
    isLogarithmic: isLogarithmic ?? spansMagnitudes(trained.map { $0.run.history["loss"] ?? [] }))
}

/// Whether losses fall so far that a linear axis would show their beginning alone.
func spansMagnitudes(_ losses: [[Float]]) -> Bool {
  let ends = losses.compactMap { $0.last }
  guard let highest = losses.joined().max(), let lowest = ends.min(), lowest > 0 else {
    return false
  }
  return losses.joined().allSatisfy { $0 > 0 } && highest > 20 * lowest
}

/// The loss of a run and, where it has several terms, each of them under its name.
private func termSeries(of run: TrainingRun) -> [LineChart.Series] {
  let history = run.history
  return run.termNames.map { name in
    let values = history[name] ?? []
    return LineChart.Series(name, values: values, start: 1, smoothing: max(1, values.count / 20))
  }
}

extension TrainingRun {
  /// The names of what was recorded at each step: the total, then its terms in their order.
  var termNames: [String] {
    let known = history.keys.sorted()
    let told = progress.terms.map(\.name).filter(known.contains)
    // A run that was restored and took no step since has lost their order.
    let rest = known.filter { !told.contains($0) }
    let names = told + rest
    return names.filter { $0 == "loss" } + names.filter { $0 != "loss" }
  }
}

/// Images, their transformed versions with both frames, and what the predicted transformation makes of
/// them; with the median corner error in pixels.
func predictionSheet(
  _ method: any DecodingTransformations, on images: ImageSetObject, seed: Int
) throws -> (figure: any Figure, error: Double) {
  let shown = try images.images.first(min(images.images.count, 12))
  guard shown.imageShape == method.format.shape else {
    throw TensorError.shape(
      operation: "predictions", shapes: [shown.imageShape, method.format.shape],
      fix: "the model takes images of \(Written.shape(method.format.shape))")
  }
  let generator = Generator(seed: UInt64(seed)).split(.evaluation)
  let distributions = try (method as? any UncertainTransformations)?.predictDistributions(
    of: shown.tensor(), using: generator)
  let found =
    try distributions?.predictions
    ?? method.predictTransformations(of: shown.tensor(), using: generator)
  let size = try ImageSize(of: found.originals)
  let family = method.transformation
  let spreads =
    !family.isGeometric
    ? nil
    : try distributions.map {
      try CornerSpread.all($0, family: family, size: size, using: generator)
    }
  let again = try family.views(
    of: shown.tensor(), by: found.predictions.map { $0 ?? .identity },
    using: generator.split(.augmentation))
  let (originals, transformed, repeated) = try (
    bitmaps(found.originals), bitmaps(found.transformed), bitmaps(again.transformed)
  )
  func outline(_ transformation: Transformation, _ style: ImageSheet.Outline.Style)
    -> [ImageSheet.Outline]
  {
    guard family.isGeometric else { return [] }
    return [.init(transformation.frame(size: size).map { Point($0.x, $0.y) }, style: style)]
  }
  let middle = shown.labels.indices.map { index in
    let spread = spreads?[index]
    return ImageSheet.Tile(
      transformed[index],
      caption: found.caption(
        at: index, family: family, width: size.width, expected: spread?.expectedError),
      outlines: outline(found.truths[index], .truth)
        + (found.predictions[index].map { outline($0, .prediction) } ?? [])
        + (spread?.ellipses ?? []).map { ImageSheet.Outline($0, style: .deviation) })
  }
  // Where no pixel moves, corners cannot be off.
  let sorted = family.isGeometric ? found.cornerErrors.map(Double.init).sorted() : []
  let half = sorted.count / 2
  let median =
    sorted.isEmpty
    ? .infinity
    : sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  let share =
    shown.count < images.images.count
    ? "the first \(shown.count) of \(Written.count(images.images.count)) images"
    : "\(shown.count) image\(shown.count == 1 ? "" : "s")"
  let errors: [String] =
    (family.isGeometric
      ? ["median corner error \(Written.decimals(median, 1)) pixels of a side of \(size.width)"]
      : [])
    + (found.meanColorError(family: family).map {
      ["mean error of the colour factors \(Written.decimals($0, 2))"]
    } ?? [])
  return (
    ImageSheet(
      title: "\(type(of: method).card.word): predicted over true transformations",
      subtitle: "\(errors.joined(separator: ", ")) over \(share), \(family.name) family, "
        + "seed \(seed)" + (spreads == nil ? "" : "; ± the error that the model expects"),
      rows: [
        originals.map { ImageSheet.Tile($0) }, middle, repeated.map { ImageSheet.Tile($0) },
      ], rowHeaders: ["x", "t(x)", "t̂(x)"], margin: family.isGeometric ? 9 : 2,
      legend: family.isGeometric
        ? [(.truth, "true frame"), (.prediction, "predicted frame")]
          + (spreads == nil ? [] : [(.deviation, "one standard deviation of a corner")]) : []),
    median
  )
}
