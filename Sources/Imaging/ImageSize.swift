public import Tensors

/// The height and width of an image in pixels, and the coordinates that go with them.
///
/// Three coordinates are in use, all with x to the right and y downwards:
/// - *normalised*: the frame is [-1, 1] × [-1, 1]; pixel i of W has its centre at (2i + 1)/W - 1.
///   Every `Transformation` is stored in these.
/// - *frame*, in pixels: the frame is [0, W] × [0, H], pixel i has its centre at i + 1/2.
///   Pictures of frames and the released AET code use these.
/// - *index*, in pixels: pixel i has its centre at i, the frame is [-1/2, W - 1/2] × [-1/2, H -
///   1/2]. The loops that read pixels use these.
public struct ImageSize: Sendable, Hashable, CustomStringConvertible {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// The size with this many rows and columns.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// The size of a batch of images `[N, H, W, C]`.
  ///
  /// - Throws: `TensorError.shape` when the tensor does not have rank 4.
  public init(of images: Tensor) throws(TensorError) {
    guard images.rank == 4 else {
      throw .shape(
        operation: "image size", shapes: [images.shape], fix: "images have the shape [N, H, W, C]")
    }
    self.init(height: images.shape[1], width: images.shape[2])
  }

  /// The shorter side, in pixels.
  public var shorterSide: Int { min(height, width) }

  /// Height and width, as in "28×28".
  public var description: String { "\(height)×\(width)" }

  /// Normalised coordinates to frame pixels.
  public var frameFromNormalised: Matrix3 {
    let (w, h) = (Double(width) / 2, Double(height) / 2)
    return Matrix3(w, 0, w, 0, h, h, 0, 0, 1)
  }

  /// Frame pixels to normalised coordinates.
  public var normalisedFromFrame: Matrix3 {
    Matrix3(2 / Double(width), 0, -1, 0, 2 / Double(height), -1, 0, 0, 1)
  }

  /// Normalised coordinates to pixel indices.
  public var indexFromNormalised: Matrix3 {
    let (w, h) = (Double(width) / 2, Double(height) / 2)
    return Matrix3(w, 0, w - 0.5, 0, h, h - 0.5, 0, 0, 1)
  }

  /// Pixel indices to normalised coordinates.
  public var normalisedFromIndex: Matrix3 {
    let (w, h) = (Double(width), Double(height))
    return Matrix3(2 / w, 0, 1 / w - 1, 0, 2 / h, 1 / h - 1, 0, 0, 1)
  }

  /// The corners of the frame in normalised coordinates: top left, then clockwise.
  static let corners = [
    Point(x: -1, y: -1), Point(x: 1, y: -1), Point(x: 1, y: 1), Point(x: -1, y: 1),
  ]
}
