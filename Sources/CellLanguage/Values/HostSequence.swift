/// An object of the workspace whose elements stand in order, such as a list of runs.
///
/// Cells reach them as they do those of an array: `list[0]`, `list[1...]`, `list.count`, `list.filter { … }`,
/// `for element in list`.
public protocol HostSequence: HostObject {
  /// The elements.
  var elements: [Value] { get }
}

extension HostSequence {
  /// The element at a place, or the array of those in a range.
  public func subscripted(_ index: Value) throws -> Value {
    let elements = elements
    switch index {
    case .integer(let place):
      guard elements.indices.contains(place) else {
        let has = elements.isEmpty ? "it is empty" : "the elements are 0 to \(elements.count - 1)"
        throw CellError(
          .rangeError, "there is no element \(place); \(has)",
          fix: place < 0 && !elements.isEmpty ? "write .last for the last one" : nil)
      }
      return elements[place]
    case .range(let range):
      guard case .integers(let first, let last) = range.ends else { fallthrough }
      let lower = first ?? 0
      let upper = last.map { range.isClosed ? $0.addingReportingOverflow(1) : ($0, false) }
      guard lower >= 0, upper?.1 != true, let end = upper.map(\.0) ?? elements.count as Int?,
        lower <= end, end <= elements.count
      else {
        throw CellError(
          .rangeError,
          "the range \(range.cellText) reaches beyond the \(counted(elements.count, "element"))",
          fix: "use prefix or suffix to take what is there")
      }
      return .array(Array(elements[lower..<end]))
    default:
      throw CellError(
        .typeError, "an element is found by a whole number or a range, not by \(index.phrase)")
    }
  }
}
