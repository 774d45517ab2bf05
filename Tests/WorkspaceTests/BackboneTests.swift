import Foundation
import Formats
import Layers
import Methods
import Tensors
import Testing

@testable import Workspace

/// A module whose weights PyTorch must be able to load.
private struct Backbone {
  let module: any Module
  /// The shape of one input, without the batch.
  let input: [Int]
  /// The outputs by name for a batch of inputs.
  let apply: (Tensor, Pass) throws -> [String: Tensor]

  init(_ network: NIN, input: [Int]) {
    module = network
    self.input = input
    apply = { images, pass in
      var outputs: [String: Tensor] = [:]
      // One forward pass moves the running statistics once.
      for block in pass.mode == .training ? 4...4 : 1...4 {
        outputs["block\(block)"] = try network(images, block: block, in: pass)
      }
      return outputs
    }
  }

  init(_ layer: some Layer, input: [Int]) {
    module = layer
    self.input = input
    apply = { images, pass in ["output": try layer(images, in: pass)] }
  }
}

/// Writes every backbone to `build/pytorch`, where `Tests/pytorch/test_backbones.py` loads it strictly and
/// compares the outputs; the twins are in `Tests/pytorch/backbones.py`.
@Suite(.serialized) struct BackboneTests {
  private typealias Maker = @Sendable (inout Generator) throws -> Backbone

  /// The name of a file, and what is in it.
  private static let backbones: [(name: String, make: Maker)] = [
    (
      "nin-published",
      { Backbone(NIN(.published, channels: 3, generator: &$0), input: [32, 32, 3]) }
    ),
    (
      "nin-small",
      { Backbone(NIN(try .small([5, 9]), channels: 1, generator: &$0), input: [28, 28, 1]) }
    ),
    ("linear", { Backbone(Linear(inputs: 18, outputs: 8, generator: &$0), input: [18]) }),
  ]

  private static let folder = URL(filePath: #filePath).appending(path: "../../../build/pytorch")
    .standardized

  private func path(_ name: String) -> String {
    Self.folder.appending(path: "\(name).safetensors").path
  }

  private func write(_ images: Tensor, _ outputs: [String: Tensor], as name: String) throws {
    let all = outputs.merging(["images": images]) { $1 }
    let entries = all.map {
      SafetensorsFile.Entry($0.key, shape: $0.value.shape, floats: $0.value.scalars)
    }
    try SafetensorsFile(entries: entries).write(to: path("\(name).outputs"))
  }

  @Test func everyBackboneIsWrittenForPyTorch() throws {
    try? FileManager.default.removeItem(at: Self.folder)
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    var generator = Generator(seed: 6)
    for (name, make) in Self.backbones {
      let backbone = try make(&generator)
      // Nothing is left at 0 or 1, where a mistake in names or layouts would not show.
      for named in backbone.module.parameters where !named.parameter.decays {
        let noise = Tensor.normal(named.parameter.shape, deviation: 0.3, using: &generator)
        try named.parameter.assign(try named.parameter.value + noise)
      }
      for _ in 0..<3 {
        let pass = Pass(.training, branches: 2)
        _ = try backbone.apply(.normal([4] + backbone.input, deviation: 1, using: &generator), pass)
        try pass.commit()
      }
      let entries = StateDictionary(backbone.module).entries(batches: 6)
      try SafetensorsFile(entries: entries, metadata: ["format": "pt"]).write(to: path(name))
      let images = Tensor.normal([3] + backbone.input, deviation: 1, using: &generator)
      try write(images, try backbone.apply(images, Pass(.evaluation)), as: name)
    }
    try savedModels()
    try savedCodes()
    try savedEquiVAE()
  }

  /// Whole models, as users make them.
  private static let models: [(name: String, call: String, branches: Int64)] = [
    ("aet", "AET(for: fashion, transformation: Projective(), encoder: small, seed: 3)", 1),
    ("avt", "AVT(for: fashion, encoder: small, normalisation: .perBranch, seed: 3)", 2),
    ("rotnet", "RotNet(for: fashion, encoder: small, seed: 3)", 1),
    ("aed", "AED(for: fashion, encoder: small, seed: 3)", 1),
    ("supervised", "Supervised(for: fashion, encoder: small, seed: 3)", 1),
  ]

  /// Each model through the words that users write.
  private func savedModels() throws {
    for (name, call, branches) in Self.models {
      let notebook = Notebook()
      let ran = notebook.run(
        """
        let fashion = FashionMNIST()
        let small = NIN(widths: [4, 8])
        let model = \(call)
        train(model, on: fashion.train.first(64), epochs: 2, batch: 16)
        save(model, to: "\(path(name))")
        """)
      #expect(ran.error == nil, "\(name): \(ran.error ?? "")")
      let method = try #require(notebook.interpreter.workspace.models.first?.model.method)
      var generator = Generator(seed: 2)
      let images = Tensor.uniform([3, 28, 28, 1], in: 0...1, using: &generator)
      var outputs: [String: Tensor] = [:]
      for block in 1...method.blockCount {
        outputs["block\(block)"] = try method.encode(images, block: block)
      }
      if let method = method as? any Reconstructing {
        outputs["reconstruction"] = try method.reconstruct(images)
      }
      if let method = method as? any Classifying {
        outputs["probabilities"] = try method.classProbabilities(of: images)
      }
      try write(images, outputs, as: name)
      let file = try SafetensorsFile.read(path(name))
      // Eight steps, each of so many branches.
      #expect(
        file["encoder.blocks.0.0.normalisation.num_batches_tracked"]?.values
          == .int64([8 * branches]))
    }
  }

  /// A model with codes, whose averages are buffers.
  private func savedCodes() throws {
    let notebook = Notebook()
    let ran = notebook.run(
      """
      let fashion = FashionMNIST()
      let vq = VQVAE(for: fashion, codes: 12, dimension: 5, hidden: 8, residual: 4, seed: 3)
      train(vq, on: fashion.train.first(128), epochs: 20, batch: 16)
      save(vq, to: "\(path("vqvae"))")
      """)
    #expect(ran.error == nil)
    let method = try #require(
      notebook.interpreter.workspace.models.first?.model.method as? VQVAE)
    // Noise and a ramp, so that several codes are used.
    var generator = Generator(seed: 2)
    let noise = Tensor.uniform([3, 28, 28, 1], in: 0...0.5, using: &generator)
    let ramp = Tensor(shape: [28, 28, 1]) { target in
      for i in 0..<784 { target[i] = Float(i % 28) / 56 }
    }
    let images = try noise + ramp
    try write(
      images,
      [
        "block1": method.maps(of: images, block: 1), "block2": method.maps(of: images, block: 2),
        "reconstruction": method.reconstruct(images),
      ], as: "vqvae")
    // What the next step depends on comes back from the file.
    let file = try SafetensorsFile.read(path("vqvae"))
    for name in ["weight", "cluster_size", "cluster_sum", "steps", "is_started"] {
      #expect(file["quantizer.\(name)"]?.floats?.allSatisfy(\.isFinite) == true, "\(name)")
    }
    // 160 steps since the codes were drawn.
    #expect(file["quantizer.steps"]?.floats == [160])
    #expect(file["quantizer.is_started"]?.floats == [1])
    let again = notebook.run(
      """
      let twin = VQVAE(for: fashion, codes: 12, dimension: 5, hidden: 8, residual: 4, seed: 4)
      load(twin, from: "\(path("vqvae"))")
      """)
    #expect(again.error == nil)
    let twin = try #require(notebook.interpreter.workspace.models.last?.model.method)
    #expect(
      twin.parameters.map { $0.parameter.value.scalars }
        == method.parameters.map { $0.parameter.value.scalars })
  }

  /// One with the r of its classes, which a run leaves behind.
  private func savedEquiVAE() throws {
    let notebook = Notebook()
    let ran = notebook.run(
      """
      let fashion = FashionMNIST()
      let eq = EquiVAE(for: fashion, invariant: 5, equivariant: 3, seed: 3)
      train(eq, on: fashion.train.first(128), epochs: 2, batch: 32)
      save(eq, to: "\(path("equivae"))")
      """)
    #expect(ran.error == nil)
    let method = try #require(
      notebook.interpreter.workspace.models.first?.model.method as? EquiVAE)
    var generator = Generator(seed: 2)
    let images = Tensor.uniform([3, 28, 28, 1], in: 0...1, using: &generator)
    try write(
      images,
      [
        "block1": try method.encode(images, block: 1),
        "block2": try method.encode(images, block: 2),
        "probabilities": try method.classProbabilities(of: images),
        "reconstruction": try method.reconstruct(images),
      ], as: "equivae")
  }

  private func fixture(_ name: String) throws -> String {
    try #require(
      Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures")
    ).path
  }

  private func notebook(_ widths: String = "[3, 5]") throws -> (Notebook, ModelObject) {
    let notebook = Notebook()
    notebook.run("let aet = AET(for: FashionMNIST(), encoder: NIN(widths: \(widths)), seed: 3)")
    return (notebook, try #require(notebook.interpreter.workspace.models.first?.model))
  }

  @Test(arguments: ["aet.safetensors", "aet-parallel.safetensors"])
  func filesOfPyTorchAreLoaded(name: String) throws {
    let (notebook, model) = try notebook()
    let ran = notebook.run("load(aet, from: \"\(try fixture(name))\")")
    #expect(ran.error == nil)
    #expect(ran.text.contains("begin with \"module.\"") == name.contains("parallel"))
    let outputs = try SafetensorsFile.read(try fixture("aet.outputs.safetensors"))
    let images = try #require(outputs["images"])
    for block in 1...4 {
      let want = try #require(outputs["block\(block)"]?.floats)
      let got = try model.method.encode(
        Tensor(images.floats ?? [], shape: images.shape), block: block
      ).scalars
      let scale = want.reduce(0) { max($0, abs($1)) }
      let error = zip(got, want).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(got.count == want.count && error <= 1e-5 * scale, "block \(block): \(error)")
    }
    // What PyTorch counted goes on from there.
    #expect(model.batches == 5)
    notebook.run("train(aet, on: FashionMNIST().train.first(32), batch: 16)")
    #expect(model.batches == 5 + 2)
  }

  /// A copy of PyTorch's file with some entries changed, refused with its reasons, the model as it was.
  private func refusal(
    _ change: ([SafetensorsFile.Entry]) -> [SafetensorsFile.Entry]
  ) throws -> String {
    let file = try SafetensorsFile.read(try fixture("aet.safetensors"))
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try SafetensorsFile(entries: change(file.entries)).write(to: path)
    let (notebook, model) = try notebook()
    let before = model.method.parameters.map { $0.parameter.value.scalars }
    let error = notebook.run("load(aet, from: \"\(path)\")").error
    #expect(model.method.parameters.map { $0.parameter.value.scalars } == before)
    #expect(model.training == "untrained")
    return error ?? "none"
  }

  @Test func mismatchesAreListedWithTheNearestNames() throws {
    let name = "encoder.blocks.1.0.convolution.weight"
    let renamed = try refusal { entries in
      entries.map {
        $0.name == name
          ? SafetensorsFile.Entry(
            "encoder.blocks.1.0.conv.weight", shape: $0.shape, values: $0.values)
          : $0
      }
    }
    #expect(renamed.contains("missing: \(name) (the file has encoder.blocks.1.0.conv.weight)"))
    #expect(renamed.contains("unexpected: encoder.blocks.1.0.conv.weight (the model has \(name))"))
    let reshaped = try refusal { entries in
      entries.map {
        $0.name == "decoder.bias"
          ? SafetensorsFile.Entry($0.name, shape: [2, 4], values: $0.values)
          : $0
      }
    }
    #expect(reshaped.contains("misshapen: decoder.bias is [2, 4], not [8]"))
    let counted = try refusal { entries in
      entries.map {
        $0.name == "decoder.bias"
          ? SafetensorsFile.Entry(
            $0.name, shape: [8], values: .int64(Array(repeating: 1, count: 8)))
          : $0
      }
    }
    #expect(counted.contains("decoder.bias is of type I64, not F32"))
    let shortened = try refusal { $0.filter { !$0.name.hasPrefix("encoder.blocks.3") } }
    #expect(shortened.contains("(10 in all)"))
    let strange = try refusal {
      $0 + [SafetensorsFile.Entry("decoder.num_batches_tracked", shape: [], values: .int64([1]))]
    }
    #expect(strange.contains("unexpected: decoder.num_batches_tracked"))
  }

  @Test func countersMayBeAbsent() throws {
    let file = try SafetensorsFile.read(try fixture("aet.safetensors"))
    let (_, model) = try notebook()
    let dictionary = StateDictionary(model.method)
    let entries = file.entries.filter { !$0.name.hasSuffix("num_batches_tracked") }
    let reading = try dictionary.read(try SafetensorsFile(entries: entries))
    #expect(reading.batches == nil && reading.values.count == dictionary.parameters.count)
  }

  @Test func picklesAreToldFromSafetensors() throws {
    let (notebook, _) = try notebook()
    let error = notebook.run("load(aet, from: \"\(try fixture("linear.pt"))\")").error ?? ""
    #expect(error.contains("torch.save") && error.contains("safetensors.torch.save_file"))
  }
}
