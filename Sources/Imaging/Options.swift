import Tensors

/// The checks that families share.
enum Options {
  static func check(
    _ operation: String, _ name: String, _ value: Float, in range: ClosedRange<Float>, unit: String
  ) throws(TensorError) {
    guard range.contains(value) else {
      throw .argument(
        operation: operation, name: name, value: "\(value)",
        fix: "give a number from \(range.lowerBound) to \(range.upperBound) \(unit)")
    }
  }

  static func check(_ operation: String, scale: ClosedRange<Float>) throws(TensorError) {
    guard scale.lowerBound > 0, scale.upperBound.isFinite, scale.upperBound <= 100 else {
      throw .argument(
        operation: operation, name: "scale", value: "\(scale)",
        fix: "give a range of positive factors up to 100, such as 0.8...1.2")
    }
  }

  static func check(_ operation: String, size: ImageSize) throws(TensorError) {
    guard size.height > 0, size.width > 0 else {
      throw .argument(
        operation: operation, name: "size", value: "\(size)",
        fix: "an image has at least one pixel")
    }
  }

  static func fill(_ operation: String, _ fill: Fill?, _ convention: Convention)
    throws(TensorError) -> Fill
  {
    guard let fill else { return convention == .published ? .grey : .reflect }
    try check(operation, fill)
    return fill
  }

  /// The fill after a change of convention: the new convention's own where the old one's own stood.
  static func adopted(_ fill: Fill, from old: Convention, to new: Convention) -> Fill? {
    let own: Fill = old == .published ? .grey : .reflect
    return fill == own && old != new ? nil : fill
  }

  static func check(_ operation: String, _ fill: Fill) throws(TensorError) {
    if case .constant(let value) = fill, !value.isFinite {
      throw .argument(
        operation: operation, name: "fill", value: "\(fill)", fix: "give a finite value")
    }
    if case .crop(let view) = fill, !(view > 0 && view <= 1) {
      throw .argument(
        operation: operation, name: "fill", value: "\(fill)",
        fix: "a view shows a part of the canvas above 0 and up to 1, such as 0.5")
    }
  }
}
