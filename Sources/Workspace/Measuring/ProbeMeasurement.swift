import CellLanguage
import Datasets
import Evaluation
import Tensors
import Training

/// Classification by a head that is trained on frozen features.
struct ProbeMeasurement: Measurement {
  /// Which head, with what constants.
  enum Head: Sendable {
    /// Logistic regression on averaged features.
    case linear(seed: UInt64)
    /// A network on the maps.
    case network(HeadProbe.Options)
  }

  let head: Head

  /// Chooses the constants of a head; those that are not given are the head's own.
  ///
  /// - Throws: `CellError` when constants of descent are given for the linear probe.
  init(
    _ choice: HeadChoice, epochs: Int? = nil, batch: Int? = nil, rate: Double? = nil,
    augments: Bool = false, seed: UInt64
  ) throws(CellError) {
    switch choice {
    case .linear:
      let given = [
        ("epochs", epochs != nil), ("batch", batch != nil), ("learningRate", rate != nil),
      ]
      let name = given.first { $0.1 }?.0 ?? (augments ? "augment" : nil)
      if let name {
        throw CellError(
          .argumentError,
          "`\(name):` is of heads that descend; .linear is solved to its minimum by L-BFGS",
          fix: "leave it out, or write head: .layers(1)")
      }
      head = .linear(seed: seed)
    case .network(let architecture):
      var options = HeadProbe.Options(architecture, augments: augments, seed: seed)
      if let epochs { options.epochs = epochs }
      if let batch { options.batch = batch }
      if let rate { options.rate = Float(rate) }
      head = .network(options)
    }
  }

  var word: String { "probe" }
  var text: String {
    switch head {
    case .linear:
      "logistic regression by L-BFGS on standardised features, L2 penalty chosen on a held-out tenth"
    case .network(let options): options.text
    }
  }
  var reading: String {
    switch head {
    case .linear: "averaged over the image"
    case .network: "with all places"
    }
  }
  var seed: UInt64? {
    switch head {
    case .linear(let seed): seed
    case .network(let options): options.seed
    }
  }
  var title: String {
    switch head {
    case .linear: "linear probe accuracy"
    case .network(let options): "\(options.architecture.title) probe accuracy"
    }
  }

  func measure(
    _ subject: Subject, train: ImageSet, test: ImageSet, in context: CellContext
  ) throws -> Measured {
    switch head {
    case .linear(let seed):
      try linear(subject, train: train, test: test, seed: seed, in: context)
    case .network(let options):
      try network(subject, train: train, test: test, options, in: context)
    }
  }

  private static func interrupted() -> CellError {
    CellError(.interrupted, "the probe was interrupted; the model is as it was")
  }

  private func linear(
    _ subject: Subject, train: ImageSet, test: ImageSet, seed: UInt64, in context: CellContext
  ) throws -> Measured {
    let probe = try LinearProbe(
      features: subject.features(of: train, in: context), labels: train.labels,
      classes: train.classNames.count, seed: seed
    ) {
      if context.isInterrupted { throw Self.interrupted() }
    }
    let answers = try probe.classify(subject.features(of: test, in: context))
    return Measured(
      answers: answers, cells: [("λ", "\(probe.regression.penalty)")],
      values: [
        ("penalty", "the L2 penalty that was chosen", .number(probe.regression.penalty))
      ])
  }

  private func network(
    _ subject: Subject, train: ImageSet, test: ImageSet, _ options: HeadProbe.Options,
    in context: CellContext
  ) throws -> Measured {
    let one = try subject.maps(of: train.first(1), in: context)
    let shape = Array(one.shape.dropFirst())
    // Maps are computed once unless every epoch has crops of its own, or there is no room for them.
    let bytes = train.count * shape.product * MemoryLayout<Float>.size
    // Half of the memory: encoding holds the maps twice, in parts and as one.
    let isKept = !options.augments && Tensor.availableMemory(lessThan: 2 * bytes) == nil
    let classes = train.classNames.count
    let probe: HeadProbe
    if isKept {
      probe = try HeadProbe(options, on: shape, classes: classes)
    } else {
      probe = try HeadProbe(options, on: shape, classes: classes) {
        (images) throws(TensorError) in try subject.maps(of: images)
      }
    }
    let source: any BatchSource =
      try isKept
      ? FrozenMaps(subject.maps(of: train, in: context), labels: train.labels)
      : ImageBatches(train)
    let run = try probe.train(on: source) { !context.isInterrupted }
    if run.status == .interrupted { throw Self.interrupted() }
    var answers: [Int] = []
    try test.eachPart(in: context, "probing") { _, images in
      answers += try probe.classify(isKept ? subject.maps(of: images) : images)
    }
    let steps = run.history["loss"]?.suffix(run.plan.stepsPerEpoch) ?? []
    let loss = steps.reduce(0.0) { $0 + Double($1) } / Double(max(1, steps.count))
    return Measured(
      answers: answers, cells: [("training loss", Written.decimals(loss, 3))],
      values: [("loss", "the mean loss of the head over its last epoch", .number(loss))])
  }
}
