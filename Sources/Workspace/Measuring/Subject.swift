import CellLanguage
import Datasets
import Methods
import Tensors

/// An encoder whose features are looked at, or the pixels themselves: a row of a table.
struct Subject: Sendable {
  /// What the row is called: `aet`, `untrained AET`, `raw pixels`.
  let name: String
  /// Where the encoder stands: `AET block 2 after 234 steps, seed 1`.
  let origin: String
  /// What its scores can be kept by, since they cannot change; `nil` for a model that may learn.
  let key: String?
  /// The model, where it is one as it stands.
  private(set) var model: ModelObject?
  /// Its weights, by the revision of when it was looked at.
  private(set) var weights: String?
  private let method: (any Method)?
  private let block: Int

  /// The pixels themselves.
  static let pixels = Subject(
    name: "raw pixels", origin: "raw pixels", key: "pixels", method: nil, block: 0)

  private init(name: String, origin: String, key: String?, method: (any Method)?, block: Int) {
    self.name = name
    self.origin = origin
    self.key = key
    self.method = method
    self.block = block
  }

  /// A model as it stands.
  init(_ model: ModelObject, block: Int?, in context: CellContext) {
    let weights = model.revision.tensors
    let block = block ?? model.learner.defaultBlock
    self.init(
      name: context.workspace.name(of: model) ?? model.card.word,
      origin: "\(model.card.word) block \(block), \(model.training), model seed \(model.seed)",
      key: nil, method: model.method, block: block)
    (self.model, self.weights) = (model, weights)
  }

  /// The same system as the model was before its first step, or `nil` where it has taken none.
  ///
  /// Its scores are kept by what it makes of some of the images, so that systems with the same first
  /// encoder share a row.
  static func untrained(
    _ model: ModelObject, block: Int?, seeing images: ImageSet
  ) throws -> Subject? {
    guard model.training != "untrained" else { return nil }
    let block = block ?? model.learner.defaultBlock
    let twin = try model.learner.anew(seed: model.seed)
    let some = try images.tensor(at: Array(0..<min(8, images.count)))
    let fingerprint = try twin.maps(of: some, block: block).withUnsafeScalars { values in
      values.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
        ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01b3
      }
    }
    return Subject(
      name: "untrained \(model.card.word)",
      origin: "\(model.card.word) block \(block), untrained, model seed \(model.seed)",
      key: "untrained \(fingerprint)", method: twin, block: block)
  }

  /// The same row under another name.
  func named(_ name: String) -> Subject {
    var subject = Subject(name: name, origin: origin, key: key, method: method, block: block)
    (subject.model, subject.weights) = (model, weights)
    return subject
  }

  /// Whether it is a model's encoder.
  var isEncoder: Bool { method != nil }

  /// The features `[N, D]`: a block's output averaged over the image, or all pixels of it.
  func features(of images: ImageSet, in context: any Context) throws -> Tensor {
    guard let method else {
      return try images.tensor().reshaped([images.count, images.imageShape.product])
    }
    try check(images)
    return try parts(of: images, in: context) { try method.encode($0, block: block) }
  }

  /// The maps `[N, H, W, C]`, or `[N, D]` of a block without places: a block's output, or the image.
  func maps(of images: ImageSet, in context: any Context) throws -> Tensor {
    try check(images)
    return try parts(of: images, in: context) { try maps(of: $0) }
  }

  /// The maps of images `[N, H, W, C]`.
  func maps(of images: Tensor) throws(TensorError) -> Tensor {
    try method?.maps(of: images, block: block) ?? images
  }

  /// Refuses images that the encoder does not take.
  private func check(_ images: ImageSet) throws {
    guard let method, images.imageShape != method.format.shape else { return }
    throw TensorError.shape(
      operation: "encode", shapes: [images.imageShape, method.format.shape],
      fix: "the model takes images of \(Written.shape(method.format.shape))")
  }

  /// A part at a time, so that a large set is never expanded whole.
  private func parts(
    of images: ImageSet, in context: any Context, _ body: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    var parts: [Tensor] = []
    try images.eachPart(in: context, "encoding") { _, part in parts.append(try body(part)) }
    return try Tensor.concatenated(parts, axis: 0)
  }
}
