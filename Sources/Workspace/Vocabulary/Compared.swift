import CellLanguage

/// What `compare` takes first: models, or runs.
enum Compared: CellConvertible {
  case models([ModelObject])
  case runs(RunSelection)

  static let typeDescription = "array of models, or run"

  static func from(_ value: Value) throws(ConversionError) -> Compared {
    if case .array(let elements) = value {
      let isOfModels = elements.allSatisfy { element in
        if case .object(let object) = element { object is ModelObject } else { false }
      }
      if isOfModels { return .models(try [ModelObject].from(value)) }
    }
    if case .object(let object) = value, object is ModelObject {
      throw mismatch(value, fix: "write compare([aet], train: …, test: …)")
    }
    do throws(ConversionError) {
      return .runs(try RunSelection.from(value))
    } catch {
      throw mismatch(value)
    }
  }

  var cellText: String { "" }
}
