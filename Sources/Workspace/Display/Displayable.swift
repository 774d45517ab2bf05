import JupyterProtocol
import Plotting

/// A value that a front end can show, always with a text that reads as a sentence or a table.
protocol Displayable: Sendable {
  /// The value in every form that it has.
  func bundle() throws -> MIMEBundle
}

extension Table: Displayable {}

/// A picture on its way to a front end, with the cell that it came from.
struct Picture: Displayable {
  let figure: any Figure
  let cell: String
  /// What the file says of where it comes from.
  var seal: Seal? = nil
  var compression = Compression.small

  /// The file.
  func png() throws -> [UInt8] {
    let png = try figure.png(
      scale: 2, text: cell.isEmpty ? [:] : ["Source": cell], compression: compression)
    return seal?.png(png) ?? png
  }

  /// The picture as PNG at twice the pixel density, and in words.
  func bundle() throws -> MIMEBundle {
    let png = try png()
    let (width, height) = (Int(figure.size.width.rounded()), Int(figure.size.height.rounded()))
    return MIMEBundle(
      [
        .init(type: "image/png", content: .bytes(png)),
        .init(type: "text/plain", content: .text(figure.alternativeText)),
      ],
      metadata: [
        "image/png": [
          "width": .integer(width), "height": .integer(height),
          "alt": .string(figure.alternativeText),
        ]
      ])
  }
}

/// Text in Markdown with its plain form.
struct Document: Displayable {
  let markdown: String
  let text: String

  func bundle() throws -> MIMEBundle {
    MIMEBundle([
      .init(type: "text/markdown", content: .text(markdown)),
      .init(type: "text/plain", content: .text(text)),
    ])
  }
}
