import CPNG
import Foundation
import Glibc
import Testing

@testable import Plotting

@Suite("Files")
struct OutputTests {
  /// The pixels of a PNG as libpng reads them, RGBA.
  private func decoded(_ png: [UInt8]) throws -> (width: Int, height: Int, rgba: [UInt8]) {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    try #require(png_image_begin_read_from_memory(&image, png, png.count) != 0)
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    var pixels = [UInt8](repeating: 0, count: Int(image.width) * Int(image.height) * 4)
    try #require(png_image_finish_read(&image, nil, &pixels, 0, nil) != 0)
    return (Int(image.width), Int(image.height), pixels)
  }

  /// The chunks of a PNG by their layout: length, type, data, checksum.
  private func chunks(_ png: [UInt8]) -> [(type: String, data: [UInt8])] {
    var result: [(type: String, data: [UInt8])] = []
    var at = 8
    while at + 12 <= png.count {
      let length = png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      result.append(
        (
          String(decoding: png[at + 4..<at + 8], as: UTF8.self),
          Array(png[at + 8..<at + 8 + length])
        ))
      at += 12 + length
    }
    return result
  }

  /// The uncompressed iTXt entries by key.
  private func texts(_ png: [UInt8]) -> [String: String] {
    var result: [String: String] = [:]
    for (type, data) in chunks(png) where type == "iTXt" {
      let parts = data.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      // After the key: two bytes of compression, an empty language, an empty translated key.
      guard parts.count == 2, parts[1].prefix(2).allSatisfy({ $0 == 0 }) else { continue }
      result[String(decoding: parts[0], as: UTF8.self)] = String(
        decoding: parts[1].dropFirst(4), as: UTF8.self)
    }
    return result
  }

  private let chart = BarChart(
    title: "Genauigkeit für λ → ∞", valueLabel: "accuracy", bars: Samples.bars)

  @Test("A PNG decodes at the density asked for, opaque but for its corners")
  func png() throws {
    for scale in [1.0, 2, 1.5] {
      let (width, height, pixels) = try decoded(chart.png(scale: scale))
      #expect(width == Int((chart.size.width * scale).rounded(.up)))
      #expect(height == Int((chart.size.height * scale).rounded(.up)))
      func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        Array(pixels[(y * width + x) * 4..<(y * width + x) * 4 + 4])
      }
      #expect(pixel(0, 0)[3] == 0)
      #expect(pixel(width - 1, height - 1)[3] == 0)
      #expect(pixel(width / 2, 2) == [0xFB, 0xFA, 0xF7, 255])
    }
  }

  @Test("A PNG carries its words, further entries and its density")
  func words() throws {
    let png = try chart.png(scale: 2, text: ["Source": "plot(π)\nknn(aet)"])
    let texts = texts(png)
    #expect(texts["Description"] == chart.alternativeText)
    #expect(texts["Title"] == chart.title)
    #expect(texts["Source"] == "plot(π)\nknn(aet)")
    let density = try #require(chunks(png).first { $0.type == "pHYs" })
    // 192 pixels an inch are 7559 a metre.
    #expect(density.data == [0, 0, 0x1D, 0x87, 0, 0, 0x1D, 0x87, 1])
    #expect(!chunks(png).contains { $0.type == "tIME" })
  }

  @Test("A key that PNG does not allow is refused", arguments: ["", " a", "ä", "a\nb"])
  func keys(_ key: String) {
    #expect(throws: RenderingError.textKey(key)) { try chart.png(text: [key: "value"]) }
  }

  @Test("The same figure gives the same bytes in every format")
  func determinism() throws {
    for (name, figure) in try Samples.all() {
      #expect(try figure.png() == figure.png(), "\(name)")
      #expect(try figure.svg() == figure.svg(), "\(name)")
      #expect(try figure.pdf() == figure.pdf(), "\(name)")
    }
  }

  @Test("What is soon there shows the same as what is small")
  func compression() throws {
    var bytes = (fast: 0, small: 0)
    for (name, figure) in try Samples.all() {
      let (fast, small) = (try figure.png(compression: .fast), try figure.png())
      #expect(try decoded(fast) == decoded(small), "\(name)")
      bytes.fast += fast.count
      bytes.small += small.count
    }
    #expect(bytes.small < bytes.fast)
  }

  @Test("Images keep their exact pixels in a PNG")
  func exactPixels() throws {
    let bitmap = try Bitmap(width: 4, height: 2, pixels: [0, 40, 80, 120, 160, 200, 240, 255])
    let sheet = ImageSheet(tiles: [.init(bitmap)], pixelSize: 10)
    let frame = try #require(RecordingCanvas(sheet).images.first).frame
    let (width, _, pixels) = try decoded(sheet.png(scale: 2))
    for y in 0..<40 {
      for x in 0..<80 {
        let at = ((Int(frame.y) * 2 + y) * width + Int(frame.x) * 2 + x) * 4
        let expected = bitmap.pixels[(y / 20) * 4 + x / 20]
        #expect(Array(pixels[at..<at + 4]) == [expected, expected, expected, 255], "\(x), \(y)")
      }
    }
  }

  @Test("A palette keeps few colours exactly and refuses pictures of too many")
  func palette() throws {
    let gray = (0..<1024).map { index in index % 4 == 3 ? UInt8(255) : UInt8(index / 4) }
    let exact = try #require(IndexedPixels(rgba: gray))
    var back: [UInt8] = []
    for place in exact.indices { back += exact.palette[Int(place) * 4..<Int(place) * 4 + 4] }
    #expect(back == gray)
    let photograph = zip(0..., Samples.noise(90_000)).map { index, value in
      index % 4 == 3 ? UInt8(255) : UInt8((value + 1) * 127)
    }
    #expect(IndexedPixels(rgba: photograph) == nil)
  }

  @Test("A picture with more colours than a palette stays close to what was drawn")
  func quantised() throws {
    let figure = try Samples.scatter(thumbnails: true)
    let size = (Int(figure.size.width) * 2, Int(figure.size.height) * 2)
    let drawn = try Surface.pixels(width: size.0, height: size.1, scale: 2) { canvas in
      canvas.fill(
        .rectangle(Rectangle(x: 0, y: 0, width: figure.size.width, height: figure.size.height)),
        with: Theme.background)
      figure.draw(on: canvas)
    }
    let indexed = try #require(IndexedPixels(rgba: drawn))
    var (largest, sum) = (0, 0)
    for (at, place) in indexed.indices.enumerated() {
      let old = drawn[4 * at..<4 * at + 3]
      if Set(old).count == 1 {
        let first = 4 * Int(place)
        #expect(Set(indexed.palette[first..<first + 3]).count == 1, "a grey pixel got a tint")
      }
      for component in 0..<4 {
        let change = abs(
          Int(drawn[4 * at + component]) - Int(indexed.palette[4 * Int(place) + component]))
        largest = max(largest, change)
        sum += change
      }
    }
    #expect(largest <= Int(IndexedPixels.tolerance))
    #expect(Double(sum) / Double(drawn.count) < IndexedPixels.meanTolerance)
  }

  @Test("SVG is well formed, named, described, and its parts have names of their own")
  func svg() throws {
    var names: [String: Set<String>] = [:]
    for (name, figure) in try Samples.all() {
      let svg = try figure.svg()
      var reader = MarkupReader(svg)
      try reader.read()
      #expect(reader.elements.first == "svg", "\(name)")
      #expect(reader.text["desc"] == figure.alternativeText, "\(name)")
      if !figure.title.isEmpty { #expect(reader.text["title"] == figure.title, "\(name)") }
      #expect(reader.references.isSubset(of: reader.names), "\(name)")
      names[name] = reader.names
      let images = RecordingCanvas(figure).images.count
      #expect(reader.elements.count { $0 == "image" } == images, "\(name)")
      #expect(svg.split(separator: "image-rendering:pixelated").count == images + 1, "\(name)")
    }
    let all = names.values.flatMap { $0 }
    #expect(Set(all).count == all.count, "two pictures share the name of a part")
  }

  @Test("Marks and control characters in words do not break the SVG")
  func hostileWords() throws {
    let chart = BarChart(
      title: "a < b & \"c\" > \u{1}\0d", valueLabel: "<x>", bars: [.init("</svg>\n&", value: 1)])
    var reader = MarkupReader(try chart.svg())
    try reader.read()
    #expect(reader.text["title"] == "a < b & \"c\" > d")
    _ = try decoded(chart.png())
  }

  @Test("PDF is one, with its words and a fixed date")
  func pdf() throws {
    let pdf = try chart.pdf()
    #expect(pdf.starts(with: Array("%PDF".utf8)))
    #expect(String(decoding: pdf.suffix(8), as: UTF8.self).contains("%%EOF"))
    #expect(String(decoding: pdf, as: UTF8.self).contains("CreationDate (20000101000000"))
  }

  @Test("A file is written in the format of its ending, whole or not at all")
  func write() throws {
    let temporary = FileManager.default.temporaryDirectory.path
    var template = Array("\(temporary)/orbit-plotting-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    defer { rmdir(folder) }
    for (ending, start) in [("png", "\u{89}PNG"), ("svg", "<svg"), ("PDF", "%PDF")] {
      let path = "\(folder)/figure.\(ending)"
      try chart.write(to: path)
      let file = try #require(fopen(path, "rb"))
      var head = [UInt8](repeating: 0, count: 4)
      #expect(fread(&head, 1, 4, file) == 4)
      fclose(file)
      #expect(head.dropFirst() == Array(start.unicodeScalars.map { UInt8($0.value) })[1..<4])
      unlink(path)
    }
    #expect(throws: RenderingError.unknownFormat(path: "\(folder)/figure.jpg")) {
      try chart.write(to: "\(folder)/figure.jpg")
    }
    let missing = "\(folder)/missing/figure.png"
    #expect(throws: RenderingError.file(path: missing, reason: "No such file or directory")) {
      try chart.write(to: missing)
    }
    // Nothing is left behind, so that the folder can be removed.
    #expect(rmdir(folder) == 0)
  }

  @Test("Sizes that make no sense are refused", arguments: [0.0, -3, .nan, .infinity, 1e6])
  func sizes(_ width: Double) {
    let figure = Histogram(title: "", xLabel: "x", values: [1], size: Size(width, 100))
    #expect(throws: RenderingError.self) { try figure.png() }
    #expect(throws: RenderingError.self) { try figure.svg() }
    #expect(throws: RenderingError.self) { try figure.pdf() }
    #expect(throws: RenderingError.self) { try chart.png(scale: width) }
  }

  @Test("Greek letters and mathematical signs have shapes of their own")
  func glyphs() throws {
    let style = TextStyle(size: 40, color: Theme.text)
    func drawn(_ text: String) throws -> [UInt8] {
      try Surface.pixels(width: 60, height: 60, scale: 1) { canvas in
        canvas.text(text, at: Point(5, 45), style: style)
      }
    }
    // What the font lacks is drawn as an empty box, the same for every missing sign.
    let missing = try drawn("\u{10FFFD}")
    for sign in ["θ", "λ", "Σ", "π", "∞", "≤", "×", "±", "−", "∇", "→", "⁻", "²", "…", "∘", "ℝ"] {
      #expect(try drawn(sign) != missing, "\(sign)")
    }
  }
}
