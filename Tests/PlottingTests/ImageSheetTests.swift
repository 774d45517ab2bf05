import Testing

@testable import Plotting

@Suite("Sheets of images")
struct ImageSheetTests {
  @Test("Small images are enlarged by whole pixels of a dense screen", arguments: [1, 4, 6, 8, 10])
  func wholePixels(columns: Int) throws {
    let bitmap = try Samples.disc()
    let sheet = ImageSheet(
      tiles: (0..<columns * 2).map { _ in .init(bitmap) }, columns: columns)
    #expect(sheet.size.width <= 820)
    for image in RecordingCanvas(sheet).images {
      let unit = image.frame.width / 28
      #expect(unit >= 2 && (unit * 2).rounded() == unit * 2)
      #expect(image.frame.x.rounded() == image.frame.x && image.frame.y.rounded() == image.frame.y)
    }
  }

  @Test("Large images are reduced to fit")
  func large() throws {
    let bitmap = try Samples.disc(400, 300)
    let sheet = ImageSheet(tiles: (0..<8).map { _ in .init(bitmap) })
    #expect(sheet.size.width <= 820)
    let frame = try #require(RecordingCanvas(sheet).images.first).frame
    #expect(abs(frame.width / frame.height - 4.0 / 3) < 1e-9)
  }

  @Test("An outline stands where its pixels are, also outside of the image")
  func outlines() throws {
    let sheet = try Samples.frames()
    let canvas = RecordingCanvas(sheet)
    let image = canvas.images[1].frame
    let unit = image.width / 28
    let truth = try #require(
      canvas.strokes.first { $0.stroke.color == Theme.truth && $0.stroke.width < 2 })
    let corners = [Point(-4, 2), Point(27, -3), Point(31, 25), Point(2, 30)]
    for (drawn, corner) in zip(stride(from: 0, to: 8, by: 2).map { truth.path.points[$0] }, corners)
    {
      #expect(abs(drawn.x - (image.x + corner.x * unit)) < 1e-9)
      #expect(abs(drawn.y - (image.y + corner.y * unit)) < 1e-9)
    }
    let predicted = try #require(
      canvas.strokes.first { $0.stroke.color == Theme.prediction && $0.stroke.width < 2 })
    #expect(truth.stroke.dash.isEmpty && !predicted.stroke.dash.isEmpty)
    #expect(canvas.text("true frame") != nil && canvas.text("predicted frame") != nil)
  }

  @Test("Wild and broken predictions are cut off near their tile")
  func wild() throws {
    let wild = [Point(-1e12, 3), Point(1e12, 5), Point(14, 1e9), Point(3, 3)]
    let broken = [Point(.nan, 0), Point(1, 1), Point(2, 2)]
    let sheet = ImageSheet(
      tiles: [
        .init(
          try Samples.disc(),
          outlines: [.init(wild, style: .prediction), .init(broken, style: .truth)])
      ])
    for stroke in RecordingCanvas(sheet).strokes {
      #expect(stroke.path.points.allSatisfy { abs($0.x) < 400 && abs($0.y) < 400 })
      #expect(stroke.stroke.color != Theme.truth)
    }
    _ = try sheet.png()
  }

  @Test("Clipping a segment keeps exactly what lies inside")
  func clip() throws {
    let box = Rectangle(x: 0, y: 0, width: 10, height: 10)
    let (a, b) = try #require(box.clip(Point(-5, 5), Point(15, 5)))
    #expect(a == Point(0, 5) && b == Point(10, 5))
    #expect(box.clip(Point(-5, -1), Point(15, -1)) == nil)
    #expect(box.clip(Point(-5, 4), Point(4, -5)) == nil)
    let (c, d) = try #require(box.clip(Point(2, 3), Point(4, 9)))
    #expect(c == Point(2, 3) && d == Point(4, 9))
  }

  @Test("Groups of columns stand apart and their headings span them")
  func groups() throws {
    let bitmap = try Samples.disc()
    let sheet = ImageSheet(
      rows: [(0..<4).map { _ in .init(bitmap) }],
      groups: [.init("one"), .init("three", columns: 3)])
    let layout = sheet.layout()
    let gaps = zip(layout.columns, layout.columns.dropFirst()).map { $1 - $0 - layout.cellWidth }
    #expect(gaps[0] > gaps[1] && gaps[1] == gaps[2])
    #expect(layout.groups[1].frame.x == layout.columns[1])
    #expect(layout.groups[1].frame.right == layout.columns[3] + layout.cellWidth)
  }

  @Test("Bitmaps that do not add up are refused with their numbers")
  func bitmaps() throws {
    #expect(
      throws: RenderingError.mismatch(
        operation: "Bitmap", expected: "2 × 2 × 3 = 12 bytes", found: "4")
    ) { try Bitmap(width: 2, height: 2, channels: 3, pixels: [1, 2, 3, 4]) }
    #expect(throws: RenderingError.self) { try Bitmap(width: 0, height: 2, pixels: []) }
    #expect(throws: RenderingError.self) {
      try Bitmap(width: 1, height: 1, channels: 2, pixels: [1, 2])
    }
    let values: [Float] = [-1, 0, 0.5, 1, 2, .nan]
    #expect(try Bitmap(width: 6, height: 1, values: values).pixels == [0, 0, 128, 255, 255, 0])
  }
}
