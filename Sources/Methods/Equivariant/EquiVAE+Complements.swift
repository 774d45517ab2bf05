import Glibc
import Tensors
import Training

extension EquiVAE {
  /// An image of a step under the assumption that it is of a class.
  struct Hypothesis {
    /// The place of the image in the step's images.
    let image: Int
    /// The class.
    let label: Int
  }

  /// The images that stand for each class in one step, and which of them each hypothesis is compared with.
  ///
  /// Each class has one set of m images. An image is never among its own complements, wherever it came
  /// from: where an image of the step equals one of the set, a further image of the class takes its place
  /// for this hypothesis alone. Otherwise r could carry what is x's own, and v would learn nothing.
  struct Complements {
    /// The images, `[P, H, W, C]`.
    let images: Tensor
    /// The means to take of their features, one a row, `[Q, P]`.
    let routing: Tensor
    /// The row of `routing` that belongs to each hypothesis.
    let rows: [Int]

    /// Draws `count` images of each class, or all but one where there are not so many.
    ///
    /// - Throws: `TensorError.argument` when all the images of a class are the same.
    init(
      _ hypotheses: [Hypothesis], of images: Tensor, count: Int,
      from labelled: any LabelledImages, using generator: Generator
    ) throws(TensorError) {
      let members = labelled.members
      let asked = Set(hypotheses.map(\.label))
      var classes: [ClassSet] = []
      var places: [Int] = []
      for label in members.indices {
        // A stream a class: what is drawn of one does not depend on the others.
        var order = RandomOrder(members[label].count, using: generator.split(.shuffle, label))
        let start = places.count
        for _ in 0..<(asked.contains(label) ? min(count, members[label].count - 1) : 0) {
          if let number = order.next() { places.append(members[label][number]) }
        }
        classes.append(ClassSet(columns: start..<places.count, order: order))
      }
      let drawn = try labelled.images(at: places)
      var spares: [Tensor] = []
      // The sets of columns whose means are taken; those of whole classes first, as they are met.
      var means: [[Int]] = []
      var whole = [Int?](repeating: nil, count: members.count)
      var rows: [Int] = []
      for hypothesis in hypotheses {
        let label = hypothesis.label
        let columns = classes[label].columns
        let others = columns.filter { !Self.equal(images, hypothesis.image, drawn, $0) }
        if others.count == columns.count, !columns.isEmpty {
          let row = whole[label] ?? means.count
          if whole[label] == nil { means.append(others) }
          whole[label] = row
          rows.append(row)
          continue
        }
        // The spares of the class in order, and new ones while they do not suffice.
        var chosen = others
        var next = 0
        while chosen.count < columns.count {
          if next == classes[label].spares.count {
            guard let number = classes[label].order.next() else { break }
            classes[label].spares.append(places.count + spares.count)
            spares.append(try labelled.images(at: [members[label][number]]))
          }
          let column = classes[label].spares[next]
          if !Self.equal(images, hypothesis.image, spares[column - places.count], 0) {
            chosen.append(column)
          }
          next += 1
        }
        guard !chosen.isEmpty else {
          throw .argument(
            operation: "EquiVAE", name: "labelled",
            value: "a class with copies of a single image",
            fix: "an image is compared with others of its class: take at least 2 that differ")
        }
        rows.append(means.count)
        means.append(chosen)
      }
      self.images = spares.isEmpty ? drawn : try .concatenated([drawn] + spares, axis: 0)
      self.rows = rows
      let width = places.count + spares.count
      routing = Tensor(shape: [means.count, width]) { target in
        target.update(repeating: 0)
        for (row, columns) in means.enumerated() {
          for column in columns { target[row * width + column] = 1 / Float(columns.count) }
        }
      }
    }

    private struct ClassSet {
      /// The columns of the images that were drawn for the class.
      let columns: Range<Int>
      /// What is left to draw.
      var order: RandomOrder
      /// The columns of the images drawn to take another's place.
      var spares: [Int] = []
    }

    /// Whether two images are the same, to the bit.
    private static func equal(_ a: Tensor, _ i: Int, _ b: Tensor, _ j: Int) -> Bool {
      let size = a.count / max(1, a.shape[0])
      return a.withUnsafeScalars { a in
        b.withUnsafeScalars { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return false }
          return memcmp(a + i * size, b + j * size, size * MemoryLayout<Float>.size) == 0
        }
      }
    }
  }
}
