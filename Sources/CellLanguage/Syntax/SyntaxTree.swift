/// An expression with its place in the text.
///
/// A class, so that the tree is shared and not copied while it is evaluated.
final class Expression: Sendable {
  let kind: Kind
  let span: Span
  /// The longest way down to a leaf; the parser bounds it, so that no walk over the tree can
  /// overflow the stack.
  let depth: Int

  init(_ kind: Kind, _ span: Span, depth: Int) {
    self.kind = kind
    self.span = span
    self.depth = depth
  }

  enum Kind: Sendable {
    case nilLiteral
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case interpolation([StringPiece])
    case array([Expression])
    case dictionary([(key: Expression, value: Expression)])
    /// Parentheses around one expression.
    case parenthesized(Expression)
    case tuple([ArgumentSyntax])
    case name(String)
    case closureArgument(Int)
    /// `_` on the left of an assignment.
    case discard
    /// An operator as an argument: `reduce(0, +)`.
    case operatorReference(String)
    /// `.reflect`
    case implicitMember(String)
    case member(Expression, String, Span)
    case tupleElement(Expression, Int)
    case call(Expression, CallSyntax)
    case element(Expression, Expression)
    /// `value!`
    case unwrap(Expression)
    case prefix(String, Expression)
    case binary(String, Span, Expression, Expression)
    /// `2...`, `...2`, `..<2`
    case oneSided(lower: Expression?, upper: Expression?, isClosed: Bool)
    case ternary(Expression, Expression, Expression)
    case assignment(String, Span, target: Expression, value: Expression)
    case closure(ClosureSyntax)
  }
}

/// One argument of a call or element of a tuple.
struct ArgumentSyntax: Sendable {
  let label: String?
  let labelSpan: Span?
  let value: Expression
}

/// The arguments of a call: those in parentheses and a trailing closure.
struct CallSyntax: Sendable {
  let arguments: [ArgumentSyntax]
  let trailing: Expression?
  /// Whether parentheses are written.
  let hasParentheses: Bool
}

/// A part of a string with interpolations.
enum StringPiece: Sendable {
  case text(String)
  case value(Expression)
}

/// A closure: `{ x, y in … }`.
final class ClosureSyntax: Sendable {
  /// The parameters' names, `_` for one that is not used; nil when `$0`, `$1` are meant.
  let parameters: [ParameterSyntax]?
  /// How many of `$0`, `$1` … the body uses.
  let anonymousCount: Int
  let result: TypeSyntax?
  let body: [Statement]
  /// Whether the parameters stand in parentheses.
  let hasParentheses: Bool

  init(
    parameters: [ParameterSyntax]?, anonymousCount: Int, result: TypeSyntax?, body: [Statement],
    hasParentheses: Bool
  ) {
    self.parameters = parameters
    self.anonymousCount = anonymousCount
    self.result = result
    self.body = body
    self.hasParentheses = hasParentheses
  }
}

/// A parameter of a function or closure.
struct ParameterSyntax: Sendable {
  let label: String?
  let name: String
  let type: TypeSyntax?
  let fallback: Expression?
}

/// A function: `func name(…) { … }`.
final class FunctionSyntax: Sendable {
  let name: String
  let parameters: [ParameterSyntax]
  let result: TypeSyntax?
  let body: [Statement]

  init(name: String, parameters: [ParameterSyntax], result: TypeSyntax?, body: [Statement]) {
    self.name = name
    self.parameters = parameters
    self.result = result
    self.body = body
  }
}

/// A type annotation.
indirect enum TypeSyntax: Sendable {
  case name(String)
  case generic(String, [TypeSyntax])
  case array(TypeSyntax)
  case dictionary(TypeSyntax, TypeSyntax)
  case optional(TypeSyntax)
  case tuple([TypeSyntax])
  case function([TypeSyntax], TypeSyntax)
}

/// The names that a `let`, a `var` or a `for` binds.
indirect enum Pattern: Sendable {
  case name(String)
  case wildcard
  case tuple([Pattern])
}

/// A statement with its place in the text.
struct Statement: Sendable {
  let kind: Kind
  let span: Span

  indirect enum Kind: Sendable {
    case expression(Expression)
    case declaration(isConstant: Bool, [Binding])
    case function(FunctionSyntax)
    case conditional([Branch], otherwise: [Statement]?)
    case choice(Expression, [Case])
    case loop(Pattern, Expression, condition: Expression?, [Statement])
    case whileLoop(Expression, [Statement])
    case repeatLoop([Statement], Expression)
    case giveBack(Expression?)
    case leave
    case goOn
  }

  /// The expressions of the statement and of the statements inside it.
  var expressions: [Expression] {
    func all(_ statements: [Statement]) -> [Expression] { statements.flatMap(\.expressions) }
    switch kind {
    case .expression(let expression): return [expression]
    case .declaration(_, let bindings): return bindings.map(\.value)
    case .function(let function):
      return all(function.body) + function.parameters.compactMap(\.fallback)
    case .conditional(let branches, let otherwise):
      return branches.flatMap { [$0.condition] + all($0.body) } + all(otherwise ?? [])
    case .choice(let subject, let cases):
      return [subject]
        + cases.flatMap { item in
          item.patterns.flatMap { [$0.pattern] + [$0.condition].compactMap { $0 } } + all(item.body)
        }
    case .loop(_, let sequence, let condition, let body):
      return [sequence] + [condition].compactMap { $0 } + all(body)
    case .whileLoop(let condition, let body), .repeatLoop(let body, let condition):
      return [condition] + all(body)
    case .giveBack(let value): return [value].compactMap { $0 }
    case .leave, .goOn: return []
    }
  }

  struct Binding: Sendable {
    let pattern: Pattern
    let type: TypeSyntax?
    let value: Expression
    let span: Span
  }

  struct Branch: Sendable {
    let condition: Expression
    let body: [Statement]
  }

  struct Case: Sendable {
    /// The patterns with their conditions; empty for `default`.
    let patterns: [(pattern: Expression, condition: Expression?)]
    let isDefault: Bool
    let body: [Statement]
  }
}
