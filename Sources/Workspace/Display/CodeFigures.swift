import Datasets
import Evaluation
import Methods
import Plotting
import Tensors

/// Images over their maps of codes in false colours.
func codeSheet(
  _ method: any Quantizing, of images: ImageSetObject, training: String
) throws -> any Figure {
  let shown = try images.images.first(min(images.images.count, 32))
  let originals = try shown.tensor()
  let maps = try method.codes(of: originals)
  let colors = try CodeColors(method.codeVectors())
  let (height, width) = (maps.shape[1], maps.shape[2])
  let pictures = try (0..<shown.count).map { image in
    let codes = maps.codes[image * height * width..<(image + 1) * height * width]
    return try colors.bitmap(
      Array(codes), width: width, cell: max(1, method.format.shape[1] / width))
  }
  let rows = pairedRows(
    above: try bitmaps(originals).map { ImageSheet.Tile($0) },
    below: pictures.map { ImageSheet.Tile($0) })
  return ImageSheet(
    title: "\(type(of: method).card.word): images and their codes",
    subtitle: "\(height)×\(width) codes an image of \(method.codeCount) that there are, "
      + "like colours for like codes; \(shownShare(shown.count, of: images)), \(images.images.name); "
      + training,
    rows: rows.rows, rowHeaders: rows.pairs.flatMap { _ in ["x", "codes"] }, pixelSize: 2)
}

/// What each code looks like, from the most used one down, over how often each is used.
func codebookFigure(
  _ method: any Quantizing, usage: CodeUsage, protocolText: String
) throws -> any Figure {
  let ranking = Array(usage.ranking.prefix(256))
  let places = method.codeMapShape.product
  let maps = try CodeMaps(
    ranking.flatMap { [Int](repeating: $0, count: places) },
    shape: [ranking.count] + method.codeMapShape)
  let tiles = try bitmaps(method.decode(maps)).map { ImageSheet.Tile($0) }
  let all = usage.counts.count
  let atlas = ImageSheet(
    title: "\(type(of: method).card.word): the codes",
    subtitle: "what the decoder makes of a map filled with one code, the most used first"
      + (ranking.count < all ? "; \(ranking.count) of \(Written.count(all)) codes" : ""),
    tiles: tiles, columns: 16, pixelSize: method.format.shape[1] <= 32 ? nil : 1)
  let chart = RankChart(
    title: "perplexity \(Written.decimals(usage.perplexity, 1)) of \(Written.count(all)), "
      + "\(Written.count(usage.inUse)) codes in use",
    subtitle: "\(Written.count(usage.active)) codes are used more than a tenth as often as the "
      + "mean; \(protocolText)",
    xLabel: "codes by usage", yLabel: "share of all uses", values: usage.shares,
    reference: .init("all alike", value: 1 / Double(max(1, all))),
    size: Size(max(640, atlas.size.width), 300))
  return FigureGroup(.column, [atlas, chart])
}

/// A colour for each code of a codebook: codes that are alike have like colours.
struct CodeColors {
  private let colors: [[UInt8]]

  /// Takes the vectors of the codes, `[K, D]`.
  ///
  /// The order along the first principal component chooses the hue, along the second the lightness.
  init(_ vectors: Tensor) throws {
    let (count, width) = (vectors.shape[0], vectors.shape[1])
    let components = min(2, width)
    let places = try PrincipalComponents(of: vectors, components: components)
      .project(vectors).scalars
    func ranks(_ component: Int) -> [Double] {
      guard component < components else { return [Double](repeating: 0.5, count: count) }
      let order = (0..<count).sorted {
        let (a, b) = (places[$0 * components + component], places[$1 * components + component])
        return a != b ? a < b : $0 < $1
      }
      var ranks = [Double](repeating: 0, count: count)
      for (rank, code) in order.enumerated() {
        ranks[code] = Double(rank) / Double(max(1, count - 1))
      }
      return ranks
    }
    colors = zip(ranks(0), ranks(1)).map { hue, lightness in
      Self.color(hue: 0.85 * hue, lightness: 0.3 + 0.48 * lightness)
    }
  }

  /// A map of codes, row by row, with `cell` × `cell` pixels for each.
  func bitmap(_ codes: [Int], width: Int, cell: Int) throws -> Bitmap {
    let height = codes.count / max(1, width)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * codes.count * cell * cell)
    for y in 0..<height * cell {
      for x in 0..<width * cell { pixels += colors[codes[y / cell * width + x / cell]] }
    }
    return try Bitmap(width: width * cell, height: height * cell, channels: 3, pixels: pixels)
  }

  /// A saturated colour: hue from red at 0 by green and blue to violet, lightness from black to white.
  private static func color(hue: Double, lightness: Double) -> [UInt8] {
    let amount = 0.7 * min(lightness, 1 - lightness)
    return [0.0, 8, 4].map { offset in
      let place = (offset + 12 * hue).truncatingRemainder(dividingBy: 12)
      let value = lightness - amount * max(-1, min(place - 3, 9 - place, 1))
      return UInt8((255 * value).rounded())
    }
  }
}
