import Foundation
import Testing

/// Whether every public operation has its rows in the tables of these tests.
///
/// The operations are read from the sources, so that a new one without its checks is noticed.
@Suite("The tables")
struct CoverageTests {
  /// `maximum(axis:)`, or `+ Tensor Float` for an operator.
  typealias Signature = String

  /// How a signature is named in the tables, where that is not by its first word: patterns of the
  /// names of its laws and of its rows of golden values.
  static let names: [Signature: (law: String, golden: String)] = [
    "+ Tensor Tensor": (#"^\+$"#, #"^\+$"#), "- Tensor Tensor": ("^-$", "^-$"),
    "* Tensor Tensor": (#"^\*$"#, #"^\*$"#), "/ Tensor Tensor": ("^/$", "^/$"),
    "+ Tensor Float": (#"^\+ number"#, #"^\+ number"#),
    "- Tensor Float": ("^- number", "^- number"),
    "* Tensor Float": (#"^\* number"#, #"^\* number"#),
    "/ Tensor Float": ("^/ number", "^/ number"),
    "- Tensor": ("^negative", "^negative"),
    "maximum(_:)": ("^maximum$", "^maximum of two"),
    "minimum(_:)": ("^minimum$", "^minimum of two"),
    "maximum(axis:)": ("^maximum along", "^maximum$"),
    "sum()": ("^sum$", "^sum$"), "mean()": ("^mean$", "^mean$"),
    "sum(axes:)": ("^sum over", "^sum over"), "mean(axes:)": ("^mean over", "^mean over"),
    "softmax()": ("^softmax$", "^softmax$"),
    "softmax(mask:)": ("^masked softmax", "^softmax, masked"),
    "divergence(ofTargets:)": ("^divergence of targets", "^divergence$"),
    "gaussianDivergence(logVariance:)": ("^gaussianDivergence$", "^gaussianDivergence$"),
    "gaussianDivergence(logVariance:fromMean:logVariance:)": (
      "^gaussianDivergence from", "^gaussianDivergenceFrom"
    ),
    "gaussianNegativeLogLikelihood(of:logVariance:)": (
      "^gaussianNegativeLogLikelihood$", "^gaussian$"
    ),
    "gaussianNegativeLogLikelihood(of:deviation:)": (
      "^gaussianNegativeLogLikelihood of deviation", "^gaussianFixed"
    ),
    "bernoulliNegativeLogLikelihood(of:)": ("^bernoulliNegativeLogLikelihood", "^bernoulli$"),
    "discretisedLogisticNegativeLogLikelihood(of:logScale:levels:)": (
      "^discretisedLogisticNegativeLogLikelihood", "^discretisedLogistic$"
    ),
  ]

  /// What the kinds of rows in the files of images stand for.
  static let kinds: [String: [String]] = [
    "golden.convolution": ["convolution"], "golden.pooling": ["maximumPooled", "averagePooled"],
    "golden.normalisation": ["batchNormalised", "normalised"],
    "golden.crossEntropy": ["crossEntropy"], "spatial.padding": ["padded"],
    "spatial.transposedConvolution": ["transposedConvolution"],
    "spatial.normalisation": ["groupNormalised", "layerNormalised"],
    "spatial.upsampling": ["upsampled"], "spatial.gridSampling": ["gridSampled"],
    "spatial.affineGrid": ["homographyGrid"],
  ]

  /// Operations that have no law, since they have no derivative or one that is not their slope; the
  /// test that looks after each instead.
  static let lawless: [Signature: String] = [
    "argumentOfMaximum()": "argumentOfMaximum", "isFinite": "isFinite",
    "nearestCodes(in:)": "nearest", "straightThrough(to:)": "straightThrough",
    "rounded()": "rounded", "signs()": "signs",
    "finiteScalarQuantised(levels:)": "finiteScalarQuantised", "rotated(onto:)": "rotated",
    "symmetricEigen()": "eigen", "singularValueDecomposition()": "singularValues",
    "leastSquares(_:cutoff:)": "leastSquares", "ridgeRegression(_:penalty:)": "ridge",
    // Random: its law with the noise given is `reparameterised(logVariance:noise:)`'s.
    "dropout(rate:using:)": "dropout",
    "reparameterised(logVariance:factor:using:)": "reparameterised",
  ]

  /// Operations of which PyTorch has no values: random ones, and a look at what is there.
  static let unmatched: Set<Signature> = [
    "dropout(rate:using:)", "reparameterised(logVariance:factor:using:)", "isFinite",
  ]

  /// Operations that take every tensor, an empty one too: nothing is wrong with a call.
  static let total: Set<Signature> = [
    "+ Tensor Float", "- Tensor Float", "* Tensor Float", "/ Tensor Float", "- Tensor", "isFinite",
    "rectified()", "leakyRectified(slope:)", "exponentialLinear(alpha:)", "softplus()", "tanh()",
    "sigmoid()", "exponential()", "logarithm()", "squared()", "squareRoot()", "absolute()",
    "sine()", "cosine()", "power(_:)", "clamped(to:)", "minimum(_:)", "sum()",
    "rounded()", "signs()",
  ]

  /// Operations that are linear in an input: a law of each checks the adjoint.
  static let linear: Set<Signature> = [
    "* Tensor Tensor", "/ Tensor Tensor", "* Tensor Float", "/ Tensor Float", "- Tensor", "sum()",
    "mean()", "sum(axes:)", "mean(axes:)", "reshaped(_:)", "transposed()", "rows(_:)",
    "columns(_:)", "sliced(axis:range:stride:)", "gathered(rows:)", "scatterAdded(rows:count:)",
    "concatenated(_:axis:)", "broadcast(to:)", "cropped(rows:columns:)",
    "shifted(down:right:value:)", "padded(top:left:bottom:right:mode:)", "upsampled(by:)",
    "averagePooled(window:stride:padding:countingPadding:)", "globallyAveraged()",
    "matrixProduct(_:transposingLeft:transposingRight:precision:)",
    "matrixProducts(_:transposingLeft:transposingRight:)", "linear(weight:bias:precision:)",
    "convolution(weight:bias:stride:padding:dilation:groups:precision:)",
    "transposedConvolution(weight:bias:stride:padding:outputPadding:dilation:groups:precision:)",
    "gridSampled(_:fill:)", "thinPlateGrid(controlPoints:height:width:)", "solved(_:)",
    "choleskySolved(_:)",
  ]

  /// Operations whose values come in pairs: complex numbers, and places in the plane.
  static let paired: Set<Signature> = [
    "complexModulus()", "thinPlateGrid(controlPoints:height:width:)",
  ]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()

  private static func sources(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "swift" }
      .map { try String(contentsOf: $0, encoding: .utf8) }
  }

  /// The public operations that the folder declares in extensions of `Tensor`.
  static func declared() throws -> Set<Signature> {
    let folder = root.appending(path: "../../Sources/Tensors/Operations")
    var found: Set<Signature> = []
    for source in try sources(folder) {
      // Formatted sources: what is on the first column opens and closes a declaration.
      for part in source.matches(of: #/(?ms)^extension Tensor \{\n(.*?)^\}/#) {
        let part = part.1
        for match in part.matches(of: #/(?m)^  public var (\w+)/#) { found.insert(String(match.1)) }
        let functions =
          #/(?ms)^  public (?:static |prefix )*func (\w+|[-+*\/])\s?\((.*?)\)\s+throws/#
        for match in part.matches(of: functions) {
          let parameters = match.2.matches(of: #/(?:^|,)\s*([\w]+)(?:\s+\w+)?:\s*(\[?\w+)/#)
          found.insert(
            match.1.first?.isLetter == true
              ? "\(match.1)(\(parameters.map { "\($0.1):" }.joined()))"
              : "\(match.1) \(parameters.map { $0.2 }.joined(separator: " "))")
        }
      }
    }
    return found
  }

  /// The names of all rows of golden values.
  static func golden() throws -> [String] {
    var names =
      OperationGolden.all.map(\.name)
      + NumericGolden.all.map { $0.operation == "softmax" ? "softmax, masked" : $0.operation }
    for file in ["golden", "spatial"] {
      let url = root.appending(path: "Fixtures/\(file).json")
      let content = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
      for kind in try #require(content as? [String: Any]).keys {
        names += try #require(kinds["\(file).\(kind)"], "what does \(file).\(kind) stand for?")
      }
    }
    return names
  }

  private static func pattern(_ signature: Signature) -> String {
    "^\(signature.prefix { $0.isLetter })\\b"
  }

  private static func matches(_ signature: Signature, _ pattern: String, _ names: [String]) throws
    -> Bool
  {
    let regex = try Regex(pattern)
    return names.contains { $0.contains(regex) }
  }

  private static func laws(of signature: Signature) throws -> [Law] {
    let regex = try Regex(names[signature]?.law ?? pattern(signature))
    return Law.all.filter { $0.name.contains(regex) }
  }

  @Test("know operations, and each exception is one")
  func operationsAreFound() throws {
    let declared = try Self.declared()
    #expect(declared.count > 85)
    #expect(declared.isSuperset(of: ["maximum(axis:)", "+ Tensor Float", "- Tensor", "isFinite"]))
    let listed = Set(Self.names.keys).union(Self.lawless.keys).union(Self.unmatched)
      .union(Self.total).union(Self.linear).union(Self.paired)
    #expect(listed.subtracting(declared) == [], "these are no operations")
  }

  @Test("have a law for every operation, or the test that stands for it")
  func laws() throws {
    let tests = try Self.sources(Self.root).joined()
    for signature in try Self.declared() {
      if let test = Self.lawless[signature] {
        #expect(tests.contains("@Test") && tests.contains("func \(test)("), "\(signature)")
      } else {
        #expect(try !Self.laws(of: signature).isEmpty, "no law of \(signature)")
      }
    }
  }

  @Test("check the adjoint of every operation that is linear in an input")
  func adjoints() throws {
    for signature in Self.linear {
      #expect(
        try Self.laws(of: signature).contains { !$0.linear.isEmpty }, "no adjoint of \(signature)")
    }
  }

  @Test("have shapes at the edges: a size of one, and a number of values that fills no vectors")
  func edges() throws {
    for signature in try Self.declared() where Self.lawless[signature] == nil {
      let shapes = try Self.laws(of: signature).flatMap(\.shapes)
      #expect(shapes.contains { $0.isEmpty || $0.contains(1) }, "no size of one: \(signature)")
      let pair = Self.paired.contains(signature) ? 2 : 1
      let counts = shapes.map { $0.reduce(1, *) / pair }
      #expect(
        counts.contains { $0 > 1 && $0 % 2 == 1 }, "no odd number of values: \(signature)")
    }
  }

  @Test("have golden values of every operation")
  func goldenValues() throws {
    let golden = try Self.golden()
    for signature in try Self.declared().subtracting(Self.unmatched) {
      let pattern = Self.names[signature]?.golden ?? Self.pattern(signature)
      #expect(try Self.matches(signature, pattern, golden), "no golden values of \(signature)")
    }
  }

  @Test("have a refusal of every operation that can be called wrongly")
  func refusals() throws {
    let messages = Refusal.all.map(\.message)
    for signature in try Self.declared().subtracting(Self.total) {
      let name = signature.prefix { $0 != "(" && $0 != " " }
      let word = NSRegularExpression.escapedPattern(for: String(name))
      #expect(
        try Self.matches(signature, "(^|: |of )\(word)(:| is not finite)", messages),
        "no refusal of \(signature)")
    }
  }
}
