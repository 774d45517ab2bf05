import CellLanguage
import Datasets
import Synchronization

/// The named values of a notebook, and the vocabulary that its cells are written in.
final class Workspace: Sendable {
  let evaluator: Evaluator
  let journal: Journal
  /// Who signs what leaves the workspace.
  let ledger: Ledger
  /// What the cells have shown.
  let outputs: OutputJournal
  /// What raw pixels and untrained encoders were measured to.
  let baselines = BaselineScores()
  /// What trains while other cells run.
  let background = BackgroundRuns()
  /// What is kept of the values; `nil` where nothing is.
  var keeper: Keeper? { journal.keeper }
  /// Data sets by the call that loads them: the pixels of one set exist once.
  private let datasets = Mutex<[String: DatasetObject]>([:])

  /// - Parameter stackBytes: how much of its thread's stack a cell may use; the language's own limit,
  ///   which suits any thread, when `nil`.
  init(journal: Journal, stackBytes: Int? = nil) {
    var limits = Limits()
    if let stackBytes { limits.stackBytes = stackBytes }
    evaluator = Evaluator(vocabulary: Words.vocabulary, limits: limits)
    self.journal = journal
    ledger = Ledger(journal)
    outputs = OutputJournal(journal)
  }

  /// The models that have a name, in the order of their names' declaration.
  var models: [(name: String, model: ModelObject)] {
    let names = evaluator.names
    return names.names.compactMap { name in
      guard case .object(let object)? = names[name], let model = object as? ModelObject else {
        return nil
      }
      return (name, model)
    }
  }

  /// The name that a cell knows an object by, if any.
  func name(of object: any HostObject) -> String? {
    let names = evaluator.names
    return names.names.first { name in
      if case .object(let named)? = names[name] { return named === object }
      return false
    }
  }

  /// A data set, loaded once as long as `key` is the same.
  func dataset(_ key: String, load: () throws -> Dataset) throws -> DatasetObject {
    if let known = datasets.withLock({ $0[key] }) { return known }
    let loaded = DatasetObject(try load())
    return datasets.withLock { datasets in
      if let earlier = datasets[key] { return earlier }
      datasets[key] = loaded
      return loaded
    }
  }
}

/// All words of the workspace, subject by subject.
enum Words {
  static let vocabulary = Vocabulary(
    (DataWords.all + TransformationWords.all + ModelWords.all + TrainingWords.all
      + BackgroundWords.all + PictureWords.all + LatentWords.all + ReconstructionWords.all
      + DiscreteWords.all
      + EquivariantWords.all + NeighbourWords.all + ProbeWords.all + ComparisonWords.all
      + ClassificationWords.all + TransformationScoreWords.all + UncertaintyWords.all
      + RunWords.all + WorkspaceWords.all + KeepingWords.all + ProvenanceWords.all + ReplayWords.all
      + NotebookWords.all).map(Findings.recorded))
}
