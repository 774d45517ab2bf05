import JupyterProtocol

/// The channel of a request.
enum Channel: Sendable {
  case shell, control, stdin
}

/// Where a request came from, which is where its answer goes and what its outputs name as parent.
struct Origin: Sendable {
  let channel: Channel
  let identities: [[UInt8]]
  let header: Header
  /// The header as it was sent; it is echoed byte for byte, fields that nobody here knows included.
  let headerBytes: [UInt8]
  /// The subshell that the request is for; the main shell when `nil`.
  var subshell: String?
}
