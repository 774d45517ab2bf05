import Datasets

/// Which data sets are here and whole.
enum DataSetCheck {
  static func findings() -> [Finding] {
    DatasetCatalogue.all.map { finding(of: $0) }
  }

  /// Loads the set, which compares it with the published one.
  private static func finding(of source: any DatasetSource.Type) -> Finding {
    do throws(DatasetError) {
      let dataset = try source.load(from: nil)
      return .ok(source.name, "whole, in \(dataset.folder)")
    } catch {
      let fetching = "in a cell: \(source.word)(download: true) (\(source.downloadMegabytes) MB)"
      if case .missing(_, _, _, let fix) = error {
        return .note(
          source.name, "is not here",
          wayOut: "\(fix.hasPrefix("install") ? fix : fetching)")
      }
      return .problem(source.name, "\(error)", wayOut: "remove the files, then \(fetching)")
    }
  }
}
