/// Finds the parameter of every argument.
///
/// Labelled arguments may come in any order; those without a label fill the parameters without a
/// label in order. A trailing closure goes to the first free parameter that takes a function.
struct ArgumentMatcher {
  /// What matching needs to know of a parameter.
  struct Slot {
    let name: String
    let label: String?
    let isRequired: Bool
    let isVariadic: Bool
    let takesFunction: Bool
    let expectation: String
    let help: String
  }

  /// A mistake in the arguments, with the place of the argument at fault in the list.
  struct Failure: Error {
    let error: CellError
    let argument: Int?
  }

  let callee: String
  let slots: [Slot]

  /// The value of every parameter and the argument it came from; nil where none is given.
  func match(_ arguments: [Argument]) throws(Failure) -> [(value: Value, argument: Int)?] {
    var found: [(value: Value, argument: Int)?] = Array(repeating: nil, count: slots.count)
    var variadic: [Value] = []
    for (place, argument) in arguments.enumerated() {
      let slot = try self.slot(for: argument, at: place, found: found)
      if slots[slot].isVariadic {
        variadic.append(argument.value)
        found[slot] = (.array(variadic), found[slot]?.argument ?? place)
      } else {
        found[slot] = (argument.value, place)
      }
    }
    for (place, slot) in slots.enumerated() where found[place] == nil && slot.isRequired {
      let what = slot.label.map { "`\($0):`" } ?? "`\(slot.name)`"
      let help = slot.help.isEmpty ? "" : ", \(slot.help)"
      throw failure(
        "\(callee) needs \(what) (\(slot.expectation)\(help))",
        fix: slot.label.map { "add \($0): …" } ?? "write it without a label", at: nil)
    }
    return found
  }

  private func failure(_ reason: String, fix: String?, at argument: Int?) -> Failure {
    Failure(error: CellError(.argumentError, reason, fix: fix), argument: argument)
  }

  private func slot(
    for argument: Argument, at place: Int, found: [(value: Value, argument: Int)?]
  ) throws(Failure) -> Int {
    if argument.isTrailing {
      guard let slot = slots.indices.first(where: { found[$0] == nil && slots[$0].takesFunction })
      else {
        throw failure("\(callee) takes no closure", fix: labelAdvice, at: place)
      }
      return slot
    }
    if let label = argument.label { return try slot(labelled: label, at: place, found: found) }
    if let slot = slots.indices.first(where: {
      slots[$0].label == nil && (found[$0] == nil || slots[$0].isVariadic)
    }) {
      return slot
    }
    let free = slots.indices.filter { found[$0] == nil && slots[$0].label != nil }
    let likely = free.first { slots[$0].isRequired } ?? (free.count == 1 ? free.first : nil)
    if let likely, let label = slots[likely].label {
      throw failure(
        "argument \(place + 1) of \(callee) needs its label", fix: "write \(label): before it",
        at: place)
    }
    guard !free.isEmpty else {
      let most = slots.count
      throw failure(
        most == 0
          ? "\(callee) takes no arguments" : "\(callee) takes \(counted(most, "argument")) at most",
        fix: "leave out argument \(place + 1)", at: place)
    }
    throw failure("argument \(place + 1) of \(callee) needs a label", fix: labelAdvice, at: place)
  }

  private func slot(
    labelled label: String, at place: Int, found: [(value: Value, argument: Int)?]
  ) throws(Failure) -> Int {
    if let slot = slots.firstIndex(where: { $0.label == label }) {
      guard found[slot] == nil else {
        throw failure("`\(label):` is given twice", fix: "leave one out", at: place)
      }
      return slot
    }
    if let slot = slots.first(where: { $0.name == label }) {
      let fix = slot.label.map { "write \($0): instead of \(label):" } ?? "write it without a label"
      throw failure("\(callee) has no label `\(label):`", fix: fix, at: place)
    }
    let labels = slots.compactMap(\.label)
    let fix = nearest(label, among: labels).map { "did you mean `\($0):`?" }
    throw failure(
      "\(callee) has no label `\(label):`" + (fix == nil ? "" : "; \(labelAdvice)"),
      fix: fix ?? labelAdvice, at: place)
  }

  private var labelAdvice: String {
    let labels = slots.compactMap(\.label)
    guard !labels.isEmpty else {
      return slots.isEmpty ? "it takes no arguments" : "its arguments have no labels"
    }
    return "its \(labels.count == 1 ? "label is" : "labels are") \(listed(labels.map { "\($0):" }))"
  }
}

extension Command {
  /// The converted value of every parameter.
  func match(_ arguments: [Argument]) throws(ArgumentMatcher.Failure) -> [any Sendable] {
    let matcher = ArgumentMatcher(callee: name, slots: parameters.map(\.slot))
    let found = try matcher.match(arguments)
    var converted: [any Sendable] = []
    converted.reserveCapacity(parameters.count)
    for (parameter, given) in zip(parameters, found) {
      guard let given else {
        if let fallback = parameter.fallback { converted.append(fallback) }
        continue
      }
      do throws(ConversionError) {
        converted.append(try parameter.convert(given.value))
      } catch {
        throw ArgumentMatcher.Failure(
          error: parameter.error(error), argument: parameter.isVariadic ? nil : given.argument)
      }
    }
    return converted
  }
}

extension ParameterDeclaration {
  var slot: ArgumentMatcher.Slot {
    ArgumentMatcher.Slot(
      name: name, label: label, isRequired: isRequired, isVariadic: isVariadic,
      takesFunction: takesFunction, expectation: expectation, help: help)
  }

  /// The message for a value that does not fit: what the parameter takes, and what it got.
  func error(_ error: ConversionError) -> CellError {
    switch error.kind {
    case .mismatch:
      CellError(.typeError, "`\(shownName)` takes \(error.reason)", fix: error.fix)
    case .outside:
      CellError(.rangeError, "`\(shownName)` takes \(error.reason)", fix: error.fix)
    case .other: CellError(.argumentError, "`\(shownName)`: \(error.reason)", fix: error.fix)
    }
  }
}
