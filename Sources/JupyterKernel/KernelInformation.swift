/// What a kernel says about itself and its language in `kernel_info_reply`.
public struct KernelInformation: Sendable {
  /// The language and how front ends highlight and export it.
  public struct Language: Sendable {
    /// Its name, for example `swift`.
    public var name: String
    /// Its version.
    public var version: String
    /// The media type of its source.
    public var mimetype: String
    /// The extension of its files, with the dot.
    public var fileExtension: String
    /// Its name in Pygments.
    public var pygmentsLexer: String
    /// Its mode in CodeMirror.
    public var codemirrorMode: String
    /// The nbconvert exporter that writes a notebook as a script.
    public var nbconvertExporter: String

    /// Makes a description of a language.
    public init(
      name: String, version: String, mimetype: String, fileExtension: String,
      pygmentsLexer: String, codemirrorMode: String, nbconvertExporter: String = "script"
    ) {
      self.name = name
      self.version = version
      self.mimetype = mimetype
      self.fileExtension = fileExtension
      self.pygmentsLexer = pygmentsLexer
      self.codemirrorMode = codemirrorMode
      self.nbconvertExporter = nbconvertExporter
    }

    /// Swift, as front ends know it.
    public static let swift = Language(
      name: "swift", version: "6.3", mimetype: "text/x-swift", fileExtension: ".swift",
      pygmentsLexer: "swift", codemirrorMode: "swift")
  }

  /// An entry of the front end's Help menu.
  public struct HelpLink: Sendable {
    /// The words of the entry.
    public var text: String
    /// Where it leads.
    public var url: String

    /// Makes an entry.
    public init(text: String, url: String) {
      self.text = text
      self.url = url
    }
  }

  /// The kernel's name.
  public var implementation: String
  /// The kernel's version.
  public var version: String
  /// What a console prints at start.
  public var banner: String
  /// The language of the cells.
  public var language: Language
  /// Entries of the Help menu.
  public var helpLinks: [HelpLink]

  /// Makes a description of a kernel.
  public init(
    implementation: String, version: String, banner: String, language: Language = .swift,
    helpLinks: [HelpLink] = []
  ) {
    self.implementation = implementation
    self.version = version
    self.banner = banner
    self.language = language
    self.helpLinks = helpLinks
  }
}
