extension Command {
  /// The same word with something done around each call.
  ///
  /// - Parameter around: Gets the converted arguments in the order of the parameters, and the call itself.
  public func surrounded(
    by around:
      @escaping @Sendable (
        _ context: any Context, _ arguments: [any Sendable], _ call: () throws -> Value
      ) throws -> Value
  ) -> Command {
    let body = body
    return Command(
      name, summary, declarations: parameters, returns: result, topic: topic,
      discussion: discussion, example: example, constants: constants
    ) { context, arguments in
      try around(context, arguments) { try body(context, arguments) }
    }
  }
}
