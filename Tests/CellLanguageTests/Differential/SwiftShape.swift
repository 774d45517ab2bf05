import SwiftOperators
import SwiftParser
import SwiftParserDiagnostics
import SwiftSyntax

/// The tree of Swift's own parser as an S-expression in the same form as `CellShape`.
///
/// `try` and `await` are left out, as they mean nothing in cells.
enum SwiftShape {
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// Parses a text, folds its operators, and throws if Swift has anything to say against it.
  static func of(_ text: String) throws -> String {
    // Debug builds of Swift's parser stop at a nesting of 20 unless told otherwise.
    let tree = Array(text.utf8).withUnsafeBufferPointer {
      Parser.parse(source: $0, maximumNestingLevel: 256)
    }
    let diagnostics = ParseDiagnosticsGenerator.diagnostics(for: tree)
    if let first = diagnostics.first { throw Refusal(description: String(describing: first)) }
    let folded = try OperatorTable.standardOperators.foldAll(tree)
    guard let file = folded.as(SourceFileSyntax.self) else { throw Refusal(description: "no file") }
    return try block(file.statements)
  }

  private static func unknown(_ node: some SyntaxProtocol) -> Refusal {
    Refusal(description: "unexpected \(node.kind): \(node.trimmedDescription)")
  }

  private static func list(_ name: String, _ parts: [String]) -> String {
    "(" + ([name] + parts).joined(separator: " ") + ")"
  }

  private static func block(_ items: CodeBlockItemListSyntax) throws -> String {
    "{" + (try items.map(statement)).joined(separator: " ") + "}"
  }

  private static func statement(_ item: CodeBlockItemSyntax) throws -> String {
    switch item.item {
    case .expr(let expression): return try of(expression)
    case .decl(let declaration): return try of(declaration)
    case .stmt(let statement): return try of(statement)
    }
  }

  private static func of(_ node: DeclSyntax) throws -> String {
    if let variable = node.as(VariableDeclSyntax.self) {
      guard variable.modifiers.isEmpty, variable.attributes.isEmpty else { throw unknown(node) }
      return list(
        variable.bindingSpecifier.text,
        try variable.bindings.map { binding in
          guard let value = binding.initializer?.value else { throw unknown(binding) }
          return list(
            "bind",
            [
              try of(binding.pattern), try binding.typeAnnotation.map { try of($0.type) } ?? "-",
              try of(value),
            ])
        })
    }
    guard let function = node.as(FunctionDeclSyntax.self), let body = function.body,
      function.modifiers.isEmpty, function.genericParameterClause == nil
    else { throw unknown(node) }
    let parameters = try function.signature.parameterClause.parameters.map { parameter in
      let label = parameter.firstName.text
      let name = parameter.secondName?.text ?? label
      let type = try of(parameter.type)
      let fallback = try parameter.defaultValue.map { try of($0.value) } ?? "-"
      return list("parameter", [label, name, type, fallback])
    }
    let result = try function.signature.returnClause.map { try of($0.type) } ?? "-"
    return list("func", [function.name.text] + parameters + [result, try block(body.statements)])
  }

  private static func of(_ node: StmtSyntax) throws -> String {
    if let statement = node.as(ExpressionStmtSyntax.self) { return try of(statement.expression) }
    if let loop = node.as(ForStmtSyntax.self) {
      guard loop.tryKeyword == nil, loop.caseKeyword == nil, loop.typeAnnotation == nil else {
        throw unknown(node)
      }
      let condition = try loop.whereClause.map { try of($0.condition) } ?? "-"
      return list(
        "for",
        [try of(loop.pattern), try of(loop.sequence), condition, try block(loop.body.statements)])
    }
    if let loop = node.as(WhileStmtSyntax.self) {
      return list("while", [try condition(loop.conditions), try block(loop.body.statements)])
    }
    if let loop = node.as(RepeatStmtSyntax.self) {
      return list("repeat", [try block(loop.body.statements), try of(loop.condition)])
    }
    if let statement = node.as(ReturnStmtSyntax.self) {
      return list("return", [try statement.expression.map(of) ?? "-"])
    }
    if let statement = node.as(BreakStmtSyntax.self), statement.label == nil { return "(break)" }
    if let statement = node.as(ContinueStmtSyntax.self), statement.label == nil {
      return "(continue)"
    }
    throw unknown(node)
  }

  private static func condition(_ conditions: ConditionElementListSyntax) throws -> String {
    guard conditions.count == 1, let first = conditions.first,
      case .expression(let expression) = first.condition
    else { throw unknown(conditions) }
    return try of(expression)
  }

  private static func of(_ node: PatternSyntax) throws -> String {
    if let name = node.as(IdentifierPatternSyntax.self) { return name.identifier.text }
    if node.is(WildcardPatternSyntax.self) { return "_" }
    if let tuple = node.as(TuplePatternSyntax.self) {
      return list("tuple", try tuple.elements.map { try of($0.pattern) })
    }
    throw unknown(node)
  }

  private static func of(_ node: TypeSyntax) throws -> String {
    if let name = node.as(IdentifierTypeSyntax.self) {
      guard let generic = name.genericArgumentClause else { return name.name.text }
      return list("generic", [name.name.text] + (try arguments(generic)))
    }
    if let member = node.as(MemberTypeSyntax.self) {
      let name = try of(member.baseType) + "." + member.name.text
      guard let generic = member.genericArgumentClause else { return name }
      return list("generic", [name] + (try arguments(generic)))
    }
    if let array = node.as(ArrayTypeSyntax.self) { return list("array", [try of(array.element)]) }
    if let dictionary = node.as(DictionaryTypeSyntax.self) {
      return list("dictionary", [try of(dictionary.key), try of(dictionary.value)])
    }
    if let optional = node.as(OptionalTypeSyntax.self) {
      return list("optional", [try of(optional.wrappedType)])
    }
    if let tuple = node.as(TupleTypeSyntax.self) {
      let elements = try tuple.elements.map { try of($0.type) }
      return elements.count == 1 ? elements[0] : list("tuple", elements)
    }
    if let function = node.as(FunctionTypeSyntax.self) {
      return list(
        "function",
        try function.parameters.map { try of($0.type) } + [of(function.returnClause.type)])
    }
    throw unknown(node)
  }

  private static func arguments(_ generic: GenericArgumentClauseSyntax) throws -> [String] {
    try generic.arguments.map {
      guard case .type(let type) = $0.argument else { throw unknown($0) }
      return try of(type)
    }
  }

  private static func arguments(_ arguments: LabeledExprListSyntax) throws -> [String] {
    try arguments.map { list("argument", [$0.label?.text ?? "-", try of($0.expression)]) }
  }

  private static func of(_ node: ExprSyntax) throws -> String {
    if let node = node.as(TryExprSyntax.self), node.questionOrExclamationMark == nil {
      return try of(node.expression)
    }
    if let node = node.as(AwaitExprSyntax.self) { return try of(node.expression) }
    if let node = node.as(InfixOperatorExprSyntax.self) {
      let word = node.operator.trimmedDescription
      return list(word, [try of(node.leftOperand), try of(node.rightOperand)])
    }
    if let node = node.as(TernaryExprSyntax.self) {
      return list(
        "?", [try of(node.condition), try of(node.thenExpression), try of(node.elseExpression)])
    }
    if let node = node.as(PrefixOperatorExprSyntax.self) {
      return list("prefix", [node.operator.text, try of(node.expression)])
    }
    if let node = node.as(PostfixOperatorExprSyntax.self) {
      return list("postfix", [node.operator.text, try of(node.expression)])
    }
    if let node = node.as(ForceUnwrapExprSyntax.self) {
      return list("unwrap", [try of(node.expression)])
    }
    if node.is(NilLiteralExprSyntax.self) { return "nil" }
    if node.is(DiscardAssignmentExprSyntax.self) { return "_" }
    if let node = node.as(BooleanLiteralExprSyntax.self) { return node.literal.text }
    if let node = node.as(IntegerLiteralExprSyntax.self) { return try integer(node) }
    if let node = node.as(FloatLiteralExprSyntax.self) {
      guard let value = node.representedLiteralValue else { throw unknown(node) }
      return "\(value)"
    }
    if let node = node.as(StringLiteralExprSyntax.self) {
      return try SwiftStringShape.of(node, value: of)
    }
    if let node = node.as(ArrayExprSyntax.self) {
      return list("array", try node.elements.map { try of($0.expression) })
    }
    if let node = node.as(DictionaryExprSyntax.self) {
      guard case .elements(let elements) = node.content else { return "(dictionary)" }
      return list(
        "dictionary", try elements.map { list("entry", [try of($0.key), try of($0.value)]) })
    }
    if let node = node.as(TupleExprSyntax.self) {
      return list("tuple", try arguments(node.elements))
    }
    if let node = node.as(DeclReferenceExprSyntax.self), node.argumentNames == nil {
      return list("name", [node.baseName.text])
    }
    if let node = node.as(MemberAccessExprSyntax.self), node.declName.argumentNames == nil {
      return list("member", [try node.base.map(of) ?? "-", node.declName.baseName.text])
    }
    if let node = node.as(FunctionCallExprSyntax.self), node.additionalTrailingClosures.isEmpty {
      return list(
        "call",
        [try of(node.calledExpression), node.leftParen == nil ? "-" : "()"]
          + (try arguments(node.arguments))
          + [try node.trailingClosure.map { try of(ExprSyntax($0)) } ?? "-"])
    }
    if let node = node.as(SubscriptCallExprSyntax.self), node.arguments.count == 1,
      let argument = node.arguments.first, argument.label == nil, node.trailingClosure == nil
    {
      return list("subscript", [try of(node.calledExpression), try of(argument.expression)])
    }
    if let node = node.as(ClosureExprSyntax.self) { return try closure(node) }
    if let node = node.as(IfExprSyntax.self) { return try conditional(node) }
    if let node = node.as(SwitchExprSyntax.self) { return try choice(node) }
    if let node = node.as(PatternExprSyntax.self) { return try of(node.pattern) }
    throw unknown(node)
  }

  private static func integer(_ node: IntegerLiteralExprSyntax) throws -> String {
    guard let value = node.representedLiteralValue else { throw unknown(node) }
    return "\(value)"
  }

  private static func closure(_ node: ClosureExprSyntax) throws -> String {
    var parameters = ["-"]
    var result = "-"
    var hasParentheses = false
    if let signature = node.signature {
      guard signature.capture == nil, signature.attributes.isEmpty else { throw unknown(node) }
      result = try signature.returnClause.map { try of($0.type) } ?? "-"
      switch signature.parameterClause {
      case .simpleInput(let names)?:
        parameters = names.map { list("parameter", [$0.name.text, "-"]) }
      case .parameterClause(let clause)?:
        hasParentheses = true
        parameters = try clause.parameters.map { parameter in
          guard parameter.secondName == nil else { throw unknown(parameter) }
          return list("parameter", [parameter.firstName.text, try parameter.type.map(of) ?? "-"])
        }
      case nil: break
      }
    }
    return list(
      "closure", [hasParentheses ? "()" : "-"] + parameters + [result, try block(node.statements)])
  }

  private static func conditional(_ node: IfExprSyntax) throws -> String {
    let otherwise: String
    switch node.elseBody {
    case .ifExpr(let inner)?: otherwise = try conditional(inner)
    case .codeBlock(let inner)?: otherwise = try block(inner.statements)
    case nil: otherwise = "-"
    }
    return list("if", [try condition(node.conditions), try block(node.body.statements), otherwise])
  }

  private static func choice(_ node: SwitchExprSyntax) throws -> String {
    let cases = try node.cases.map { item in
      guard case .switchCase(let item) = item, item.attribute == nil else { throw unknown(node) }
      switch item.label {
      case .default: return list("default", [try block(item.statements)])
      case .case(let label):
        let patterns = try label.caseItems.map { item in
          guard let pattern = item.pattern.as(ExpressionPatternSyntax.self) else {
            throw unknown(item)
          }
          let condition = try item.whereClause.map { try of($0.condition) } ?? "-"
          return list("pattern", [try of(pattern.expression), condition])
        }
        return list("case", patterns + [try block(item.statements)])
      }
    }
    return list("switch", [try of(node.subject)] + cases)
  }
}
