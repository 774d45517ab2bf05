import Dispatch
import Formats
import Glibc
import Synchronization
import Tensors

/// Shapes: grey images of eight plane figures under known turns, scalings and shifts; made, not loaded.
///
/// Every image is the drawing of its class, turned by an angle, scaled and shifted, all of which are kept as
/// factors; so the true transformation between any two images of a class is known exactly. The figures have
/// no symmetry, but for the disc, which every turn leaves as it is, and the square, the triangle and the bar,
/// which quarter, third and half turns do.
public enum Shapes {
  /// The word for it in a cell.
  public static let word = "Shapes"
  /// The names of the classes, in the order of their numbers.
  public static let classNames = ["disc", "square", "triangle", "bar", "F", "hook", "comet", "key"]
  /// The names of the factors, with units.
  public static let factorNames = ["rotation (degrees)", "scale", "x (pixels)", "y (pixels)"]

  /// What images are drawn with.
  public struct Options: Sendable, Hashable {
    /// The images to learn from; a sixth as many, with other seeds, are there to test on.
    public var count = 6_000
    /// The side of an image in pixels.
    public var size = 28
    /// The angle is drawn from ± this, in degrees.
    public var rotation: Float = 180
    /// The scale is drawn from this range; 1 fills about two thirds of the side.
    public var scale: ClosedRange<Float> = 0.7...1.2
    /// The shift along each axis is drawn from ± this fraction of the side.
    public var translation: Float = 0.12
    /// The seed of all that is drawn.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}
  }

  /// Draws the images.
  ///
  /// - Throws: `DatasetError.selection` when an option is out of its range.
  public static func make(_ options: Options) throws(DatasetError) -> Dataset {
    func refuse(_ reason: String, _ fix: String) -> DatasetError {
      .selection(operation: word, set: word, reason: reason, fix: fix)
    }
    guard (classNames.count...1_000_000).contains(options.count) else {
      throw refuse("it cannot have \(options.count) images", "take 8 to 1_000_000")
    }
    guard (8...256).contains(options.size) else {
      throw refuse("a side cannot have \(options.size) pixels", "take 8 to 256")
    }
    guard options.scale.lowerBound > 0.05, options.scale.upperBound <= 4,
      (0...180).contains(options.rotation), (0...1).contains(options.translation)
    else {
      throw refuse(
        "the ranges do not fit an image",
        "take a scale within 0.05...4, a rotation of 0 to 180 degrees, a translation of 0 to 1")
    }
    // The images to test on too, and twice, while they are drawn.
    let bytes = 3 * options.count * options.size * options.size
    if let available = Tensor.availableMemory(lessThan: bytes) {
      throw refuse(
        "they would take \((bytes >> 20).grouped) MB, and \((available >> 20).grouped) MB are free",
        "take fewer images, or smaller ones")
    }
    let call =
      "\(word)(count: \(options.count.grouped), size: \(options.size), rotation: \(options.rotation), "
      + "scale: \(options.scale.lowerBound)...\(options.scale.upperBound), "
      + "translation: \(options.translation), seed: \(options.seed))"
    func split(_ split: String, _ count: Int, _ stream: Int) -> ImageSet {
      ImageSet(
        name: "\(word) \(split)", recipe: "\(call).\(split)",
        store: store(options, count, stream, checksum: SHA256.hex(of: "\(call).\(split)")))
    }
    return Dataset(
      name: word, train: split("train", options.count, 0),
      test: split("test", max(classNames.count, options.count / 6), 1),
      citation: "made by Orbit from the seed \(options.seed)", folder: "")
  }

  private static func store(
    _ options: Options, _ count: Int, _ stream: Int, checksum: String
  ) -> ImageStore {
    let side = options.size
    let source = Generator(seed: options.seed).split(.sampling, stream)
    // A stream for each image: it does not depend on how many there are.
    let poses: [Pose] = (0..<count).map { image in
      var generator = source.split(.sampling, image)
      let reach = options.translation * Float(side)
      return Pose(
        rotation: generator.uniform(in: -options.rotation...options.rotation),
        scale: generator.uniform(in: options.scale),
        x: generator.uniform(in: -reach...reach), y: generator.uniform(in: -reach...reach))
    }
    let drawn = Mutex([UInt8](repeating: 0, count: count * side * side))
    let part = 256
    DispatchQueue.concurrentPerform(iterations: (count + part - 1) / part) { number in
      let range = number * part..<min(count, (number + 1) * part)
      let pixels = range.flatMap { draw($0 % classNames.count, poses[$0], side: side) }
      drawn.withLock { drawn in
        drawn.replaceSubrange(
          range.lowerBound * side * side..<range.upperBound * side * side, with: pixels)
      }
    }
    return ImageStore(
      pixels: drawn.withLock { $0 }[...], labels: (0..<count).map { $0 % classNames.count },
      imageShape: [side, side, 1], classNames: classNames, checksum: checksum,
      factors: zip(
        factorNames, [poses.map(\.rotation), poses.map(\.scale), poses.map(\.x), poses.map(\.y)]
      )
      .map { (name: $0, values: $1) })
  }

  /// How a figure stands: turned clockwise by degrees, scaled, shifted by pixels to the right and down.
  struct Pose: Sendable {
    var rotation: Float
    var scale: Float
    var x: Float
    var y: Float
  }

  /// An image of a figure: the share of each pixel that it covers, from 4 × 4 places in it.
  static func draw(_ figure: Int, _ pose: Pose, side: Int) -> [UInt8] {
    let angle = pose.rotation * .pi / 180
    let (cosine, sine) = (cosf(angle), sinf(angle))
    // At scale 1 the unit of the figure's plane is a third of the side.
    let unit = pose.scale * Float(side) / 3
    let middle = Float(side) / 2
    return (0..<side * side).map { pixel in
      var covered = 0
      for place in 0..<16 {
        let x = Float(pixel % side) + (Float(place % 4) + 0.5) / 4 - middle - pose.x
        let y = Float(pixel / side) + (Float(place / 4) + 0.5) / 4 - middle - pose.y
        let (u, v) = ((cosine * x + sine * y) / unit, (cosine * y - sine * x) / unit)
        if isInside(figure, u, v) { covered += 1 }
      }
      return UInt8((covered * 255 + 8) / 16)
    }
  }

  /// Whether a figure covers the point (u, v) of its plane, u to the right, v down, within about ±1.
  private static func isInside(_ figure: Int, _ u: Float, _ v: Float) -> Bool {
    func box(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) -> Bool {
      (left...right).contains(u) && (top...bottom).contains(v)
    }
    func disc(_ x: Float, _ y: Float, _ radius: Float) -> Bool {
      (u - x) * (u - x) + (v - y) * (v - y) <= radius * radius
    }
    return switch figure {
    case 0: disc(0, 0, 0.8)
    case 1: box(-0.7, -0.7, 0.7, 0.7)
    // The three sides of an equilateral triangle stand half as far from its centre as its corners.
    case 2: v <= 0.45 && 0.866 * u - 0.5 * v <= 0.45 && -0.866 * u - 0.5 * v <= 0.45
    case 3: box(-1, -0.25, 1, 0.25)
    case 4:
      box(-0.55, -0.9, -0.15, 0.9) || box(-0.55, -0.9, 0.65, -0.5) || box(-0.55, -0.2, 0.4, 0.2)
    case 5:
      box(0.1, -0.9, 0.5, 0.2) || (disc(-0.1, 0.2, 0.6) && !disc(-0.1, 0.2, 0.25) && v >= 0.2)
    case 6:
      disc(0.35, -0.1, 0.5) || (u <= 0.35 && u >= -1 && abs(v + 0.1 - 0.3 * (0.35 - u)) <= 0.18)
    default:
      (disc(-0.5, 0, 0.45) && !disc(-0.5, 0, 0.2)) || box(-0.15, -0.12, 0.95, 0.12)
        || box(0.65, 0, 0.85, 0.45) || box(0.3, 0, 0.48, 0.3)
    }
  }
}
