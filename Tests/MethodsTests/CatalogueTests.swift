import Foundation
import Methods
import Testing

@Suite struct CatalogueTests {
  @Test func everyMethodFileIsInTheCatalogue() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Methods").standardized
    let words = Set(catalogue.map { $0.card.word })
    let folders = try FileManager.default.contentsOfDirectory(atPath: sources.path)
      .filter { !$0.hasSuffix(".swift") && $0 != "Parts" }
    var count = 0
    for folder in folders {
      let path = sources.appending(path: folder).path
      for file in try FileManager.default.contentsOfDirectory(atPath: path) {
        let word = file.replacingOccurrences(of: ".swift", with: "")
        // `EquiVAE+Objective.swift` is a part of `EquiVAE.swift`.
        if let plus = word.firstIndex(of: "+") {
          #expect(words.contains(String(word[..<plus])), "\(folder)/\(file) belongs to no method")
          continue
        }
        count += 1
        #expect(words.contains(word), "\(folder)/\(file) has no line in Catalogue.swift")
      }
    }
    #expect(count == catalogue.count)
  }

  @Test func cardsAndOptionsAreComplete() {
    for method in catalogue { check(method) }
    func check<M: Method>(_ method: M.Type) {
      #expect(!M.card.title.isEmpty && !M.card.paper.isEmpty && !M.card.objective.isEmpty)
      #expect(M.card.paper.contains(String(M.card.year)))
      let names = M.Configuration.options.map(\.name)
      #expect(Set(names).count == names.count)
      for option in M.Configuration.options {
        #expect(!option.help.isEmpty)
        var configuration = M.Configuration()
        let value = option.value(in: configuration)
        #expect(option.set(value, in: &configuration), "\(option.name) does not take its own value")
        #expect(!option.set("a string", in: &configuration))
      }
    }
  }
}
