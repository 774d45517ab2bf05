import Tensors

extension Law {
  static let pixelMovements: [Law] = {
    var laws: [Law] = []
    let upsamplings: [([Int], Int)] = [
      ([2, 3, 2, 3], 2), ([1, 1, 1, 1], 3), ([2, 2, 3, 17], 3), ([1, 3, 1, 16], 2),
      ([2, 2, 2, 5], 1),
    ]
    for (shape, factor) in upsamplings {
      laws.append(
        Law(
          name: "upsampled by \(factor)", shapes: [shape], linear: [0],
          operation: { try $0[0].upsampled(by: factor) }
        ) { input in
          Naive([shape[0], shape[1] * factor, shape[2] * factor, shape[3]]) {
            input[0][[$0[0], $0[1] / factor, $0[2] / factor, $0[3]]]
          }
        })
    }
    // Sides: top, left, bottom, right.
    let paddings: [([Int], [Int])] = [
      ([2, 3, 4, 3], [1, 2, 2, 3]), ([1, 4, 3, 17], [0, 1, 3, 0]), ([2, 2, 2, 1], [1, 1, 1, 1]),
      ([1, 3, 3, 2], [0, 0, 0, 0]), ([1, 5, 1, 16], [4, 0, 4, 0]),
    ]
    for (shape, sides) in paddings {
      for mode in [PaddingMode.constant(0), .constant(0.75), .reflect, .edge] {
        laws.append(
          Law(
            name: "padded by \(sides), \(mode)", shapes: [shape],
            linear: mode == .constant(0.75) ? [] : [0],
            operation: {
              try $0[0].padded(
                top: sides[0], left: sides[1], bottom: sides[2], right: sides[3], mode: mode)
            }
          ) { $0[0].padded(sides, mode) })
      }
    }
    for (shape, sides) in [([1, 1, 1, 2], [3, 2, 0, 5]), ([1, 2, 1, 3], [5, 0, 7, 4])] {
      laws.append(
        Law(
          name: "padded by \(sides), edge", shapes: [shape], linear: [0],
          operation: {
            try $0[0].padded(
              top: sides[0], left: sides[1], bottom: sides[2], right: sides[3], mode: .edge)
          }
        ) { $0[0].padded(sides, .edge) })
    }
    for (shape, rows, columns) in [
      ([2, 4, 5, 3], 1..<3, 0..<4), ([1, 1, 1, 1], 0..<1, 0..<1), ([2, 3, 3, 17], 2..<3, 1..<3),
    ] {
      laws.append(
        Law(
          name: "cropped to \(rows) and \(columns)", shapes: [shape], linear: [0],
          operation: { try $0[0].cropped(rows: rows, columns: columns) }
        ) { input in
          Naive([shape[0], rows.count, columns.count, shape[3]]) {
            input[0][[$0[0], $0[1] + rows.lowerBound, $0[2] + columns.lowerBound, $0[3]]]
          }
        })
    }
    for (down, right, value) in [
      (1, 0, 0), (0, 2, 0), (-1, 1, 0.5), (2, -2, 0), (9, 0, 0.25), (0, -9, 0), (3, 4, 0),
    ] as [(Int, Int, Float)] {
      laws.append(
        Law(
          name: "shifted by \(down), \(right)", shapes: [[2, 3, 4, 3]],
          linear: value == 0 ? [0] : [],
          operation: { try $0[0].shifted(down: down, right: right, value: value) }
        ) { input in
          Naive([2, 3, 4, 3]) { place in
            let (y, x) = (place[1] - down, place[2] - right)
            guard (0..<3).contains(y), (0..<4).contains(x) else { return Double(value) }
            return input[0][[place[0], y, x, place[3]]]
          }
        })
    }
    for (shape, axis, range, stride) in [
      ([4, 3, 5], 0, 1..<4, 1), ([4, 3, 5], 1, 0..<2, 1), ([4, 3, 5], 2, 1..<5, 3),
      ([2, 7, 17], 1, 1..<7, 2), ([6], 0, 5..<6, 4), ([5, 2], 0, 2..<2, 1),
      ([3, 33], 1, 0..<33, 2),
    ] {
      laws.append(
        Law(
          name: "sliced along \(axis), \(range) by \(stride)", shapes: [shape], linear: [0],
          operation: { try $0[0].sliced(axis: axis, range: range, stride: stride) }
        ) { input in
          var part = shape
          part[axis] = (range.count + stride - 1) / stride
          return Naive(part) { place in
            var place = place
            place[axis] = range.lowerBound + place[axis] * stride
            return input[0][place]
          }
        })
    }
    return laws
  }()
}

extension Naive {
  fileprivate func padded(_ sides: [Int], _ mode: PaddingMode) -> Naive {
    /// The source of a place, walking back from a mirror or an edge; `nil` for the constant.
    func source(_ place: Int, _ length: Int) -> Int? {
      if (0..<length).contains(place) { return place }
      switch mode {
      case .constant: return nil
      case .edge: return place < 0 ? 0 : length - 1
      case .reflect: return place < 0 ? -place : 2 * (length - 1) - place
      }
    }
    let size = [shape[0], shape[1] + sides[0] + sides[2], shape[2] + sides[1] + sides[3], shape[3]]
    return Naive(size) { place in
      guard let y = source(place[1] - sides[0], shape[1]),
        let x = source(place[2] - sides[1], shape[2])
      else {
        if case .constant(let value) = mode { return Double(value) }
        return .nan
      }
      return self[[place[0], y, x, place[3]]]
    }
  }
}
