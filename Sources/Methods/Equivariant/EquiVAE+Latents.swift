import Layers
public import Tensors
public import Training

extension EquiVAE: Reconstructing, Classifying, DecodingClasses {
  /// The features that q(v|r, x) and q(y|x) see of whitened images, `[N, 128]`; with dropout where a stream
  /// is given.
  func features(
    _ whitened: Tensor, in pass: Pass, dropping stream: Generator? = nil
  ) throws(TensorError) -> Tensor {
    try within("trunk") { () throws(TensorError) in
      try trunk(whitened, in: pass, dropping: configuration.dropout, using: stream)
    }
  }

  /// f_inv of whitened images, `[N, invariant]`; with dropout where a stream is given.
  func invariant(
    _ whitened: Tensor, in pass: Pass, dropping stream: Generator? = nil
  ) throws(TensorError) -> Tensor {
    let seen: Tensor
    if let invariantTrunk {
      seen = try within("invariant") { () throws(TensorError) in
        try invariantTrunk(whitened, in: pass, dropping: configuration.dropout, using: stream)
      }
    } else {
      seen = try features(whitened, in: pass, dropping: stream)
    }
    return try within("invariant_head") { () throws(TensorError) in
      try invariantHead(seen, in: pass)
    }
  }

  /// The mean and the logarithm of the variance of q(v|r, x), both `[N, equivariant]`.
  func infer(
    _ features: Tensor, _ r: Tensor, in pass: Pass
  ) throws(TensorError) -> (mean: Tensor, logVariance: Tensor) {
    let both = try Tensor.concatenated([features, r], axis: 1)
    let hidden = try within("posterior") { () throws(TensorError) in try posterior(both, in: pass) }
    let moments = try within("posterior_head") { () throws(TensorError) in
      try posteriorHead(hidden, in: pass)
    }
    let size = configuration.equivariant
    let logVariance = try moments.columns(size..<moments.shape[1])
    return (
      try moments.columns(0..<size),
      configuration.variance == .vector
        ? logVariance : try logVariance.broadcast(to: [moments.shape[0], size])
    )
  }

  /// What the decoder says of the pixels, `[N, H, W, outputs]`.
  func outputs(_ r: Tensor, _ v: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let both = try Tensor.concatenated([r, v], axis: 1)
    let hidden = try within("opening") { () throws(TensorError) in try opening(both, in: pass) }
    return try within("decoder") { () throws(TensorError) in
      try decoder(hidden.reshaped([hidden.shape[0]] + trunk.mapShape), in: pass)
    }
  }

  /// The invariant latent f_inv(x) of each image `[N, H, W, C]`, `[N, invariant]`.
  public func invariantLatents(of images: Tensor) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      try invariant(whitening(part), in: Pass(.evaluation))
    }
  }

  /// The mean of q(v|r, x) of each image `[N, H, W, C]` given its r `[N, invariant]`; `[N, equivariant]`.
  public func equivariantLatents(
    of images: Tensor, given r: Tensor
  ) throws(TensorError) -> Tensor {
    let seen = try images.inParts { (part) throws(TensorError) in
      try features(whitening(part), in: Pass(.evaluation))
    }
    return try infer(seen, r, in: Pass(.evaluation)).mean
  }

  /// The r of each class, `[classes, invariant]`: the mean of f_inv over 1,000 labelled images of the class
  /// at most, taken at the end of a run; `nil` before the first.
  public var prototypes: Tensor? { prototypeBuffers.value }

  /// Takes the prototypes anew from labelled images.
  public func refreshPrototypes(from labelled: any LabelledImages) throws(TensorError) {
    try prototypeBuffers.refresh(from: labelled) { (images) throws(TensorError) in
      try invariantLatents(of: images)
    }
  }

  /// Takes the r of each class from the labelled images of the run.
  public func didTrain(on source: any BatchSource) throws(TensorError) {
    guard let labelled = source.labelled else { return }
    try refreshPrototypes(from: labelled)
  }

  /// The r of the nearest class for each f_inv(x) `[N, invariant]`; f_inv(x) itself while there are no
  /// prototypes.
  func nearestPrototypes(to latents: Tensor) throws(TensorError) -> Tensor {
    guard let prototypes else { return latents }
    return try prototypes.gathered(rows: latents.nearestCodes(in: prototypes))
  }

  /// Block 1 is f_inv(x), block 2 the mean of v given the nearest r_y (given f_inv(x) itself while there are
  /// none); features without places, `[N, D]`.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    guard (1...2).contains(block) else {
      throw .argument(
        operation: "EquiVAE", name: "block", value: "\(block)",
        fix: "1 is the invariant latent, 2 the equivariant one")
    }
    return try images.inParts { (part) throws(TensorError) in
      let own = try invariantLatents(of: part)
      return block == 1
        ? own : try equivariantLatents(of: part, given: nearestPrototypes(to: own))
    }
  }

  /// The probabilities q(y|x) of images `[N, H, W, C]`, `[N, classes]`.
  ///
  /// - Throws: `TensorError.argument` where they are told by distances and there are no prototypes yet.
  public func classProbabilities(of images: Tensor) throws(TensorError) -> Tensor {
    guard let classifier else {
      guard let prototypes else { throw Self.withoutPrototypes("classification") }
      let latents = try invariantLatents(of: images)
      // ‖f‖² is the same for every class.
      let products = try latents.matrixProduct(prototypes, transposingRight: true)
      return try (products * 2 - prototypes.squared().sum(axes: [1])).softmax()
    }
    return try images.inParts { (part) throws(TensorError) in
      try classifier(features(whitening(part), in: Pass(.evaluation)), in: Pass(.evaluation))
        .softmax()
    }
  }

  /// The mean of p(x|r, v) for r `[N, invariant]` and v `[N, equivariant]`: images `[N, H, W, C]` with
  /// values in 0...1.
  public func decode(invariant r: Tensor, equivariant v: Tensor) throws(TensorError) -> Tensor {
    guard r.rank == 2, v.rank == 2, r.shape[0] == v.shape[0],
      r.shape[1] == configuration.invariant, v.shape[1] == configuration.equivariant
    else {
      throw .shape(
        operation: "decode", shapes: [r.shape, v.shape],
        fix: "give as many r of \(configuration.invariant) as v of \(configuration.equivariant)")
    }
    return try Tensor.concatenated([r, v], axis: 1).inParts { (both) throws(TensorError) in
      let size = configuration.invariant
      let outputs = try outputs(
        both.columns(0..<size), both.columns(size..<both.shape[1]), in: Pass(.evaluation))
      return try likelihood.mean(outputs, channels: format.shape[2])
    }
  }

  /// What the model makes of images from the r of the nearest class and the mean of v.
  public func reconstruct(_ images: Tensor) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      let r = try nearestPrototypes(to: invariantLatents(of: part))
      return try decode(invariant: r, equivariant: equivariantLatents(of: part, given: r))
    }
  }

  /// Images of each class, one class after the other: v from N(0, I), r that of the class;
  /// `[classes · perClass, H, W, C]`.
  public func samples(
    perClass: Int, using generator: Generator
  ) throws(TensorError) -> Tensor {
    guard let prototypes else { throw Self.withoutPrototypes("samples") }
    guard perClass > 0 else {
      throw .argument(
        operation: "samples", name: "perClass", value: "\(perClass)", fix: "draw at least 1")
    }
    var stream = generator.split(.sampling)
    let rows = (0..<classCount).flatMap { [Int](repeating: $0, count: perClass) }
    return try decode(
      invariant: prototypes.gathered(rows: rows),
      equivariant: .normal(
        [rows.count, configuration.equivariant], deviation: 1, using: &stream))
  }

  /// What there is to say while the model knows no classes.
  public static func withoutPrototypes(_ operation: String) -> TensorError {
    .argument(
      operation: operation, name: "model", value: "without an r for every class",
      fix: "train it first: the r of the classes are taken from labelled images when a run ends")
  }
}
