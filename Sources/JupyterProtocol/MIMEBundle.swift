/// One output in several representations, of which a front end shows the richest that it knows.
public struct MIMEBundle: Sendable, Equatable {
  /// The content of one representation.
  public enum Content: Sendable, Equatable {
    /// Text as it is: `text/plain`, `text/html`, `image/svg+xml`, `text/latex`.
    case text(String)
    /// A JSON document: `application/json` and the like.
    case json(JSONValue)
    /// Binary data such as `image/png`; sent as base64 without line breaks.
    case bytes([UInt8])
  }

  /// One representation: a media type and its content.
  public struct Representation: Sendable, Equatable {
    /// The media type, for example `image/png`.
    public var type: String
    /// The content.
    public var content: Content

    /// Makes a representation.
    public init(type: String, content: Content) {
      self.type = type
      self.content = content
    }
  }

  /// The representations, in the order given.
  public private(set) var representations: [Representation]

  /// What front ends need beside the data, keyed by media type: `["image/png": ["width": 300]]`.
  public var metadata: JSONObject

  /// Makes a bundle from representations.
  public init(_ representations: [Representation] = [], metadata: JSONObject = [:]) {
    self.representations = representations
    self.metadata = metadata
  }

  /// Makes a bundle that has only `text/plain`.
  public init(text: String) {
    self.init([Representation(type: "text/plain", content: .text(text))])
  }

  /// Makes a picture: PNG data, its size on the page, and the text that stands for it.
  ///
  /// - Parameters:
  ///   - png: the file's bytes.
  ///   - width: width on the page in CSS pixels (half the pixels of a picture at twice the density).
  ///   - height: height on the page in CSS pixels.
  ///   - text: what a reader without pictures gets.
  public init(png: [UInt8], width: Int, height: Int, text: String) {
    self.init(
      [
        Representation(type: "image/png", content: .bytes(png)),
        Representation(type: "text/plain", content: .text(text)),
      ],
      metadata: ["image/png": ["width": .integer(width), "height": .integer(height)]])
  }

  /// The content of a media type; assigning replaces it, appends it, or with `nil` removes it.
  public subscript(type: String) -> Content? {
    get { representations.first { $0.type == type }?.content }
    set {
      let index = representations.firstIndex { $0.type == type }
      switch (index, newValue) {
      case (let index?, let content?): representations[index].content = content
      case (let index?, nil): representations.remove(at: index)
      case (nil, let content?):
        representations.append(Representation(type: type, content: content))
      case (nil, nil): break
      }
    }
  }

  /// The `text/plain` representation, if there is one.
  public var plainText: String? {
    guard case .text(let text)? = self["text/plain"] else { return nil }
    return text
  }
}
