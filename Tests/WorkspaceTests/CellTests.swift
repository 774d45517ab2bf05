import Foundation
import Formats
import JupyterKernel
import JupyterProtocol
import Testing

@testable import Workspace

/// A walk through the words on a few hundred real images.
@Suite(.serialized) struct CellTests {
  static let setUp = """
    let fashion = FashionMNIST()
    let small = fashion.train.first(256)
    let warp = Projective(scale: 0.8...1.2, jitter: 3, fill: .reflect)
    let aet = AET(for: fashion, transformation: warp, encoder: NIN(widths: [4, 8]), seed: 1)
    """

  private func prepared() throws -> Notebook {
    let notebook = Notebook()
    #expect(notebook.run(Self.setUp).error == nil)
    return notebook
  }

  @Test func valuesComeBack() {
    let notebook = Notebook()
    #expect(notebook.run("1 + 1").result == "2")
    #expect(notebook.run("let x = 3\nx * 2").result == "6")
    #expect(notebook.run("x").result == "3")
    #expect(notebook.run("let y = 4").result == nil)
    #expect(notebook.run("print(\"hello\")").text == "hello\n")
  }

  @Test func dataTellsWhatItIs() throws {
    let notebook = try prepared()
    #expect(notebook.run("fashion.train.count").result == "60000")
    #expect(notebook.run("fashion.shape").result == "[28, 28, 1]")
    #expect(notebook.run("fashion").result?.contains("10,000 to test on") == true)
    #expect(notebook.run("small[0..<64].count").result == "64")
    #expect(notebook.run("small[250...].count").result == "6")
    #expect(notebook.run("fashion.train.sample(100, seed: 1).count").result == "100")
    #expect(notebook.run("fashion.train.labelled(100, seed: 1).labels.count").result == "100")
  }

  @Test func picturesAreShownOnceAndDescribed() throws {
    let notebook = try prepared()
    for cell in [
      "show(small.first(16))", "show(warp, on: fashion.test.first(3))",
      "predictions(aet, on: fashion.test.first(4))", "latents(aet, on: small, by: .pca)",
    ] {
      let ran = notebook.run(cell)
      #expect(ran.error == nil, "\(cell): \(ran.error ?? "")")
      #expect(ran.displays.count == 1, "\(cell)")
      #expect(ran.result == nil, "\(cell) is shown twice")
      guard case .bytes(let png)? = ran.displays.first?["image/png"] else {
        Issue.record("\(cell) has no picture")
        continue
      }
      #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      #expect((ran.displays.first?.plainText?.count ?? 0) > 20)
    }
  }

  @Test func samePictureForTheSameCell() throws {
    let notebook = try prepared()
    let cell = "predictions(aet, on: fashion.test.first(4))"
    // The pixels: what the file says of where it comes from names the cell and the time.
    func content() throws -> String {
      guard case .bytes(let png)? = notebook.run(cell).displays.first?["image/png"] else {
        throw CancellationError()
      }
      return try SealedFile(parsing: png, path: cell).content
    }
    #expect(try content() == content())
  }

  @Test func trainingShowsOnePanelAndLearns() throws {
    let notebook = try prepared()
    let before = notebook.run("aet").result ?? ""
    #expect(before.contains("none yet") && before.contains("CVPR 2019"))
    let ran = notebook.run("let run = train(aet, on: small, epochs: 2, batch: 32, seed: 1)")
    #expect(ran.error == nil)
    let ids = Set(
      ran.outputs.compactMap { output -> String? in
        switch output {
        case .display(_, let id): id
        case .update(_, let id): id
        default: nil
        }
      })
    #expect(ids.count == 1)
    #expect(ran.displays.last?.plainText?.contains("completed") == true)
    #expect(ran.displays.last?.plainText?.contains("step 16 of 16") == true)
    #expect(notebook.run("run.status").result == "\"completed\"")
    #expect(notebook.run("run.losses.count").result == "16")
    #expect(notebook.run("run.metrics[\"loss\"] != nil").result == "true")
    #expect(notebook.run("run.samplesPerSecond > 0").result == "true")
    #expect(notebook.run("plot(run)").displays.count == 1)
    #expect(notebook.run("runs()").result?.contains("completed") == true)
    #expect(notebook.run("models()").result?.contains("aet") == true)
    let score = notebook.run(
      "let s = knn(aet, train: small, test: fashion.test.first(100), k: 5)\ns")
    #expect(score.result?.contains("95 % interval") == true)
    #expect(score.result?.contains("k = 5") == true)
    #expect(notebook.run("s.accuracy > 0.1").result == "true")
    #expect(
      notebook.run("knn(.pixels, train: small, test: fashion.test.first(100), k: 5)").result?
        .contains("raw pixels") == true)
  }

  @Test func interruptKeepsTheModelAndResumeCarriesOn() throws {
    let (whole, broken) = (try prepared(), try prepared())
    let train = "let run = train(aet, on: small, epochs: 3, batch: 32, seed: 1)"
    #expect(whole.run(train).error == nil)
    let stopped = broken.run(train) { count, execution in
      if count == 2 { execution.interrupt() }
    }
    #expect(stopped.error?.contains("training stopped after step") == true)
    #expect(stopped.error?.contains("resume(aet.runs.last)") == true)
    // Like every error: where it happened, its name and what happened, and the way out on a line of its own.
    let lines = stopped.traceback.split(separator: "\n").map {
      $0.replacing(/\u{1B}\[[\d;]*m/, with: "")
    }
    #expect(lines.count == 5 && lines[0].contains("line 1") && lines[1].contains("train(aet"))
    #expect(lines[3].hasPrefix("Interrupted: training stopped after step"))
    #expect(lines.last == "carry on with resume(aet.runs.last)")
    #expect(lines[3...].allSatisfy { $0.count < 96 })
    #expect(stopped.displays.last?.plainText?.contains("interrupted") == true)
    #expect(broken.run("aet.steps > 0 && aet.steps < 24").result == "true")
    #expect(broken.run("let run = resume(aet.runs.last)").error == nil)
    #expect(broken.run("run.losses").result == whole.run("run.losses").result)
    #expect(broken.run("resume(run)").error?.contains("completed") == true)
  }

  @Test func modelsTravelThroughFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "aet.safetensors").path
    let notebook = try prepared()
    notebook.run("let run = train(aet, on: small, epochs: 1, batch: 32)")
    #expect(notebook.run("save(aet, to: \"\(path)\")").text.contains("saved"))
    notebook.run(
      "let other = AET(for: fashion, transformation: warp, encoder: NIN(widths: [4, 8]), seed: 9)")
    let score = "knn(MODEL, train: small, test: fashion.test.first(50), k: 3).accuracy"
    let features = "predictions(MODEL, on: fashion.test.first(4)).cornerError"
    func ask(_ question: String, _ name: String) -> String? {
      notebook.run(question.replacingOccurrences(of: "MODEL", with: name)).result
    }
    #expect(ask(features, "aet") != ask(features, "other"))
    #expect(notebook.run("load(other, from: \"\(path)\")").error == nil)
    #expect(ask(features, "aet") == ask(features, "other"))
    #expect(ask(score, "aet") == ask(score, "other"))
    notebook.run("let wide = AET(for: fashion, encoder: NIN(widths: [5, 8]))")
    let refused = notebook.run("load(wide, from: \"\(path)\")").error ?? ""
    #expect(refused.contains("misshapen") && refused.contains("encoder.blocks.0.0"))
    let figure = folder.appending(path: "curve.svg").path
    #expect(notebook.run("save(plot(aet.runs), to: \"\(figure)\")").error == nil)
    #expect(try String(contentsOfFile: figure, encoding: .utf8).contains("<svg"))
  }

  @Test func everyTrainingOfACellHasAPanelOfItsOwn() throws {
    let notebook = try prepared()
    let ran = notebook.run("for s in 1...2 { train(aet, on: small, batch: 128, seed: s) }")
    let ids = ran.outputs.compactMap { output -> String? in
      if case .display(_, let id) = output { id } else { nil }
    }
    #expect(Set(ids).count == 2)
    // The table of runs tells the same loss as the run itself.
    let loss = try #require(Double(notebook.run("aet.runs[1].loss").result ?? ""))
    #expect(notebook.run("runs()").result?.contains(Written.decimals(loss, 4)) == true)
  }

  @Test func sameSeedSameBits() throws {
    func losses() throws -> String? {
      let notebook = try prepared()
      notebook.run("let run = train(aet, on: small, epochs: 1, batch: 32, seed: 4)")
      return notebook.run("run.losses").result
    }
    let first = try losses()
    #expect(first != nil)
    #expect(try losses() == first)
  }
}
