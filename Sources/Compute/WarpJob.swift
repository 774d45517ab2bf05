/// The warp of one image: chooses the leanest loop that its map and border allow.
struct WarpJob {
  let map: Warp.PixelMap
  let layout: Warp.Layout
  let border: Warp.Border
  let image: WarpImage
  let row: WarpRow
  let target: UnsafeMutablePointer<Float>
  let background: UnsafePointer<Float>?

  func run() {
    let reach = map.reach(layout)
    if map.isAffine {
      run(NoDivision.self, reach)
    } else if reach.isTame {
      run(PlainDivision.self, reach)
    } else {
      run(DivisionNearHorizon.self, reach)
    }
  }

  private func run<Division: WarpDivision>(
    _ division: Division.Type, _ reach: Warp.PixelMap.Reach
  ) {
    switch border {
    case .constant, .background: run(division, FoldOntoBorder.self)
    case .hard, .clamp: run(division, FoldOntoEdge.self)
    case .reflect:
      if reach.isTame && reach.isNear {
        run(division, FoldByNearMirrors.self)
      } else {
        run(division, FoldByMirrors.self)
      }
    }
  }

  private func run<Division: WarpDivision, Fold: WarpFold>(
    _ division: Division.Type, _ fold: Fold.Type
  ) {
    let values = layout.outputWidth * layout.channels
    for y in 0..<layout.outputHeight {
      let line = target + y * values
      row.place(map, y: y, dividing: division, folding: fold)
      row.read(image, into: line)
      switch border {
      case .constant, .reflect, .clamp: break
      case .hard(let value):
        row.cover(map, y: y, hard: true)
        row.replaceUncovered(line, channels: layout.channels, with: value)
      case .background:
        guard let background else { continue }
        row.cover(map, y: y, hard: false)
        row.blendUncovered(line, channels: layout.channels, with: background + y * values)
      }
    }
  }
}
