@testable import CellLanguage

/// The tree of our parser as an S-expression.
enum CellShape {
  static func of(_ program: Program) -> String { block(program.statements) }

  private static func block(_ statements: [Statement]) -> String {
    "{" + statements.map(of).joined(separator: " ") + "}"
  }

  private static func list(_ name: String, _ parts: [String]) -> String {
    "(" + ([name] + parts).joined(separator: " ") + ")"
  }

  private static func of(_ statement: Statement) -> String {
    switch statement.kind {
    case .expression(let expression): return of(expression)
    case .declaration(let isConstant, let bindings):
      return list(
        isConstant ? "let" : "var",
        bindings.map { list("bind", [of($0.pattern), $0.type.map(of) ?? "-", of($0.value)]) })
    case .function(let function):
      return list(
        "func",
        [function.name]
          + function.parameters.map {
            list(
              "parameter",
              [$0.label ?? "-", $0.name, $0.type.map(of) ?? "-", $0.fallback.map(of) ?? "-"])
          } + [function.result.map(of) ?? "-", block(function.body)])
    case .conditional(let branches, let otherwise):
      let tail = otherwise.map(block) ?? "-"
      return branches.reversed().reduce(tail) {
        list("if", [of($1.condition), block($1.body), $0])
      }
    case .choice(let subject, let cases):
      return list(
        "switch",
        [of(subject)]
          + cases.map { item in
            let patterns = item.patterns.map {
              list("pattern", [of($0.pattern), $0.condition.map(of) ?? "-"])
            }
            return list(item.isDefault ? "default" : "case", patterns + [block(item.body)])
          })
    case .loop(let pattern, let sequence, let condition, let body):
      return list("for", [of(pattern), of(sequence), condition.map(of) ?? "-", block(body)])
    case .whileLoop(let condition, let body): return list("while", [of(condition), block(body)])
    case .repeatLoop(let body, let condition): return list("repeat", [block(body), of(condition)])
    case .giveBack(let value): return list("return", [value.map(of) ?? "-"])
    case .leave: return "(break)"
    case .goOn: return "(continue)"
    }
  }

  private static func of(_ pattern: Pattern) -> String {
    switch pattern {
    case .name(let name): name
    case .wildcard: "_"
    case .tuple(let elements): list("tuple", elements.map(of))
    }
  }

  static func of(_ type: TypeSyntax) -> String {
    switch type {
    case .name(let name): name
    case .generic(let name, let arguments): list("generic", [name] + arguments.map(of))
    case .array(let element): list("array", [of(element)])
    case .dictionary(let key, let value): list("dictionary", [of(key), of(value)])
    case .optional(let wrapped): list("optional", [of(wrapped)])
    case .tuple(let elements): list("tuple", elements.map(of))
    case .function(let parameters, let result): list("function", parameters.map(of) + [of(result)])
    }
  }

  private static func arguments(_ arguments: [ArgumentSyntax]) -> [String] {
    arguments.map { list("argument", [$0.label ?? "-", of($0.value)]) }
  }

  private static func of(_ expression: Expression) -> String {
    switch expression.kind {
    case .nilLiteral: return "nil"
    case .boolean(let flag): return "\(flag)"
    case .integer(let integer): return "\(integer)"
    case .number(let number): return "\(number)"
    case .string(let text): return list("string", [shown(text)])
    case .interpolation(let pieces):
      return list(
        "string",
        pieces.map {
          switch $0 {
          case .text(let text): shown(text)
          case .value(let value): list("value", [of(value)])
          }
        })
    case .array(let elements): return list("array", elements.map(of))
    case .dictionary(let entries):
      return list("dictionary", entries.map { list("entry", [of($0.key), of($0.value)]) })
    case .parenthesized(let inner): return list("tuple", [list("argument", ["-", of(inner)])])
    case .tuple(let elements): return list("tuple", arguments(elements))
    case .name(let name): return list("name", [name])
    case .closureArgument(let place): return list("name", ["$\(place)"])
    case .discard: return "_"
    case .operatorReference(let word): return list("name", [word])
    case .implicitMember(let name): return list("member", ["-", name])
    case .member(let base, let name, _): return list("member", [of(base), name])
    case .tupleElement(let base, let place): return list("member", [of(base), "\(place)"])
    case .call(let callee, let call):
      return list(
        "call",
        [of(callee), call.hasParentheses ? "()" : "-"] + arguments(call.arguments)
          + [call.trailing.map(of) ?? "-"])
    case .element(let base, let index): return list("subscript", [of(base), of(index)])
    case .unwrap(let inner): return list("unwrap", [of(inner)])
    case .prefix(let word, let operand): return list("prefix", [word, of(operand)])
    case .binary(let word, _, let left, let right): return list(word, [of(left), of(right)])
    case .oneSided(let lower?, _, _): return list("postfix", ["...", of(lower)])
    case .oneSided(nil, let upper, let isClosed):
      return list("prefix", [isClosed ? "..." : "..<", upper.map(of) ?? "-"])
    case .ternary(let condition, let first, let second):
      return list("?", [of(condition), of(first), of(second)])
    case .assignment(let word, _, let target, let value):
      return list(word, [of(target), of(value)])
    case .closure(let closure):
      let parameters = closure.parameters.map { parameters in
        parameters.map { list("parameter", [$0.name, $0.type.map(of) ?? "-"]) }
      }
      return list(
        "closure",
        [closure.hasParentheses ? "()" : "-"] + (parameters ?? ["-"])
          + [closure.result.map(of) ?? "-", block(closure.body)])
    }
  }

  /// A string's characters by number, so that nothing in it can be mistaken for the tree.
  static func shown(_ text: String) -> String {
    text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: ".") + "'"
  }
}
