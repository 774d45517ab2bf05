import CellLanguage
import Datasets
import Formats
import JupyterProtocol
import RunStore
import Synchronization

/// Making values again of what was kept.
extension Keeper {
  /// The value that JSON stands for.
  func value(_ json: JSONValue, in context: CellContext) throws -> Value {
    try ValueCoding.value(json) { id in
      .object(try self.object(id, in: context))
    } function: { source, name in
      try Self.function(source, name: name, in: context)
    }
  }

  /// A function of its text, among the names of the workspace.
  private static func function(
    _ source: String, name: String, in context: CellContext
  ) throws -> Value {
    try context.workspace.evaluator.value(ofText: source, named: name, context: context)
  }

  /// Computes the call that gives a data set, a family or an option, among no names but the vocabulary's.
  func computed(_ recipe: String, in context: CellContext) throws -> Value {
    let evaluator = Evaluator(vocabulary: context.workspace.evaluator.vocabulary)
    return try evaluator.value(ofText: recipe, context: context)
  }

  /// The object of a number: the living one, or one made again.
  func object(_ id: Int, in context: CellContext) throws -> any HostObject {
    if let living = living(id) { return living }
    guard let kept = try store.object(id),
      let recipe = try? JSONValue(json: kept.recipe)
    else { throw NotKept(reason: "the workspace's database has no object \(id)") }
    switch kept.kind {
    case "model": return try model(id, recipe, in: context)
    case "run": return try run(id, recipe, in: context)
    case "images":
      let images = try images(recipe["recipe"]?.text, recipe["checksum"]?.text, in: context)
      return keep(images, as: id)
    case "remembered":
      let picture = try kept.blob.map { try blobs.read($0) } ?? []
      let remembered = try RememberedObject(recipe.members ?? [:], picture: picture) {
        .object(try self.object($0, in: context))
      } function: { source, name in
        try Self.function(source, name: name, in: context)
      }
      return keep(remembered, as: id)
    case "data":
      return keep(try dataset(recipe, in: context), as: id)
    case "transformation", "encoder", "recorded run":
      guard case .object(let object) = try computed(recipe["recipe"]?.text ?? "", in: context)
      else { throw NotKept(reason: "\(recipe["recipe"]?.text ?? "it") gives no object any more") }
      return keep(object, as: id)
    case "recorded runs":
      let runs = try context.workspace.journal.runs()
      return keep(try RunListObject(recipe: recipe, among: runs), as: id)
    default:
      throw NotKept(
        reason:
          "the workspace's database holds a \"\(kept.kind)\", which this version does not know")
    }
  }

  func keep(_ object: any HostObject, as id: Int) -> any HostObject {
    know(object, as: id)
    state.withLock { $0.loaded[id] = object }
    return object
  }

  /// The data set of a recipe, whose images must be those that they were.
  private func dataset(
    _ recipe: JSONValue, in context: CellContext
  ) throws -> DatasetObject {
    let call = recipe["recipe"]?.text ?? ""
    guard case .object(let object) = try computed(call, in: context),
      let data = object as? DatasetObject
    else { throw NotKept(reason: "\(call) gives no data set any more") }
    try check(data.train, recipe["checksum"]?.text, of: "\(call).train")
    try check(data.test, recipe["testChecksum"]?.text, of: "\(call).test")
    return data
  }

  /// The images of a recipe, which must be those that they were.
  func images(
    _ recipe: String?, _ checksum: String?, in context: CellContext
  ) throws -> ImageSetObject {
    guard let recipe,
      case .object(let object) = try computed(recipe, in: context),
      let images = object as? ImageSetObject
    else { throw NotKept(reason: "\(recipe ?? "the recipe") gives no images any more") }
    try check(images, checksum, of: recipe)
    return images
  }

  private func check(_ images: ImageSetObject, _ checksum: String?, of recipe: String) throws {
    guard let checksum, images.images.checksum != checksum else { return }
    throw CellError(
      .commandFailed, "the images of \(recipe) are not those that they were",
      fix: "bring back the files with the checksum \(checksum.prefix(16))…, or make the set anew")
  }
}
