import RunStore
import Testing

@Suite("The chain of provenance records")
struct ProvenanceTests {
  @Test("a link knows the one before it, in every process")
  func chain() throws {
    try withFolder { folder in
      let path = "\(folder)/workspace.sqlite"
      let (store, other) = (try RunStore(path: path), try RunStore(path: path))
      var seen: [String?] = []
      for (index, one) in [store, other, store].enumerated() {
        try one.appendProvenance { previous in
          seen.append(previous)
          return ProvenanceLink(
            digest: "d\(index)", previous: previous, kind: "figure", record: "{\"a\":\"\(index)\"}")
        }
      }
      #expect(seen == [nil, "d0", "d1"])
      #expect(try other.provenance(upTo: "d1")?.map(\.digest) == ["d0", "d1"])
      #expect(try other.provenance(upTo: "d2")?.last?.previous == "d1")
      #expect(try other.provenance(upTo: "x") == nil)
      // A record is made once.
      let error = storeError { () throws(RunStoreError) in
        try store.appendProvenance {
          ProvenanceLink(digest: "d1", previous: $0, kind: "figure", record: "{}")
        }
      }
      #expect(error != nil)
      #expect(try store.provenance(upTo: "d2")?.count == 3)
    }
  }
}
