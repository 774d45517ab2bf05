import Datasets
import Methods
import Plotting
import Tensors

/// Images in every way that a model tells apart, one a row, with what the model takes them for.
func turnSheet(
  _ method: any ClassifyingTransformations, on images: ImageSetObject
) throws -> (figure: any Figure, accuracy: Double) {
  let shown = try images.images.first(min(images.images.count, 12))
  guard shown.imageShape == method.format.shape else {
    throw TensorError.shape(
      operation: "predictions", shapes: [shown.imageShape, method.format.shape],
      fix: "the model takes images of \(Written.shape(method.format.shape))")
  }
  let (transformed, probabilities) = try method.classifyTransformations(of: shown.tensor())
  let (pictures, answers) = (try bitmaps(transformed), try probabilities.argumentOfMaximum())
  let (names, values) = (method.transformationNames, probabilities.scalars)
  let right = answers.enumerated().count { $0.offset / shown.count == $0.element }
  let share =
    shown.count < images.images.count
    ? "the first \(shown.count) of \(Written.count(images.images.count)) images"
    : "\(shown.count) image\(shown.count == 1 ? "" : "s")"
  let rows = names.indices.map { turn in
    (0..<shown.count).map { image in
      let row = turn * shown.count + image
      let answer = answers[row]
      let probability = Double(values[row * names.count + answer])
      let words = "\(names[answer]) \(Written.percent(probability, 0))"
      return ImageSheet.Tile(pictures[row], caption: answer == turn ? words : "✗ \(words)")
    }
  }
  return (
    ImageSheet(
      title: "\(type(of: method).card.word): what the model takes for what",
      subtitle:
        "\(right) of \(answers.count) right over \(share); below each picture the answer and its "
        + "probability, ✗ where it is wrong",
      rows: rows, rowHeaders: names),
    Double(right) / Double(max(1, answers.count))
  )
}
