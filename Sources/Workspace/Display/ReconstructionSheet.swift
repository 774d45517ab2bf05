import Datasets
import Evaluation
import Methods
import Plotting
import Tensors

/// Images over what comes back of them, in pairs of rows; with their error as a share of the variance.
func reconstructionSheet(
  _ method: any Reconstructing, of images: ImageSetObject, training: String
) throws -> (figure: any Figure, error: Double) {
  let shown = try images.images.first(min(images.images.count, 32))
  let originals = try shown.tensor()
  let reconstructed = try method.reconstruct(originals)
  let score = ReconstructionScore(
    errors: try ReconstructionScore.errors(of: reconstructed, from: originals),
    variance: Double(method.format.variance), protocolText: "")
  let (above, below) = (try bitmaps(originals), try bitmaps(reconstructed))
  let rows = pairedRows(
    above: above.enumerated().map { index, bitmap in
      ImageSheet.Tile(bitmap, caption: shown.classNames[shown.labels[index]])
    },
    below: below.enumerated().map { index, bitmap in
      ImageSheet.Tile(
        bitmap, caption: Written.percent(score.errors[index] / score.variance))
    })
  return (
    ImageSheet(
      title: "\(type(of: method).card.word): images and what comes back of them",
      subtitle: "mean squared error \(Written.percent(score.share)) of the data's variance over "
        + "\(shownShare(shown.count, of: images)), \(images.images.name); \(training)",
      rows: rows.rows, rowHeaders: rows.pairs.flatMap { _ in ["x", "x̂"] }, pixelSize: 2),
    score.share
  )
}

/// Tiles in rows of eight, each row over the one that belongs to it.
func pairedRows(
  above: [ImageSheet.Tile], below: [ImageSheet.Tile]
) -> (rows: [[ImageSheet.Tile]], pairs: Range<Int>) {
  let columns = min(8, max(1, above.count))
  let starts = Array(stride(from: 0, to: above.count, by: columns))
  let rows = starts.flatMap { start in
    let range = start..<min(start + columns, above.count)
    return [Array(above[range]), Array(below[range])]
  }
  return (rows, starts.indices)
}

/// `the first 32 of 10,000 images`, `16 images`.
func shownShare(_ count: Int, of images: ImageSetObject) -> String {
  count < images.images.count
    ? "the first \(count) of \(Written.count(images.images.count)) images"
    : "\(count) image\(count == 1 ? "" : "s")"
}
