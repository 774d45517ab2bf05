import JupyterProtocol

/// The frames of a multipart message, up to the request that they carry.
///
/// The first byte of an input says how it is signed; the frames follow, separated by 0xFF, which is in no
/// UTF-8. Every other input is signed with the kernel's key, so that it gets past the signature.
enum WireSurface {
  private static let signers = SignatureScheme.allCases.map {
    Signature(key: Array("a key that the fuzzer knows".utf8), scheme: $0)
  }

  static func examine(_ input: [UInt8]) {
    guard let mode = input.first else { return }
    let signer = signers[Int(mode >> 1) % signers.count]
    var frames = input.dropFirst().split(separator: 0xFF, omittingEmptySubsequences: false)
      .map(Array.init)
    let split = frames.firstIndex(of: WireMessage.delimiter)
    if mode & 1 == 1, let split, frames.count >= split + 6 {
      frames[split + 1] = signer.sign(
        frames[split + 2], frames[split + 3], frames[split + 4], frames[split + 5])
    }
    let isAcceptable = split.map { accepts(frames, split: $0, signer) } ?? false
    do throws(WireError) {
      let message = try WireMessage(frames: frames, verifiedBy: signer)
      law(isAcceptable, "frames were accepted that should not be")
      law(message.frames == frames, "the frames of a message are those that it was read from")
      encodeAgain(message, signer)
      forge(message, at: Int(mode >> 3), signer)
      readOn(message)
    } catch {
      law(!isAcceptable, "a message was refused: \(error)")
      law(!error.description.isEmpty, "an error has a description")
    }
    remember(frames)
  }

  /// The rules of the wire, said once more.
  private static func accepts(_ frames: [[UInt8]], split: Int, _ signer: Signature) -> Bool {
    guard split <= 16, frames.count <= 1_024, frames.count - split > 5 else { return false }
    guard frames[..<split].allSatisfy({ $0.count < 256 }) else { return false }
    return frames[split + 1]
      == signer.sign(
        frames[split + 2], frames[split + 3], frames[split + 4], frames[split + 5])
  }

  private static func encodeAgain(_ message: WireMessage, _ signer: Signature) {
    let again = WireMessage(
      identities: message.identities, header: message.header, parentHeader: message.parentHeader,
      metadata: message.metadata, content: message.content, buffers: message.buffers,
      signedBy: signer)
    law(again == message, "a message that is made of the parts of another is equal to it")
  }

  /// One changed bit in what is signed, or in the signature, is noticed.
  private static func forge(_ message: WireMessage, at choice: Int, _ signer: Signature) {
    var frames = message.frames
    let frame = message.identities.count + 1 + choice % 5
    if frames[frame].isEmpty {
      frames[frame] = [0]
    } else {
      frames[frame][choice % frames[frame].count] ^= 1 << UInt8(choice % 8)
    }
    law(
      (try? WireMessage(frames: frames, verifiedBy: signer)) == nil, "a forged message was accepted"
    )
  }

  /// What the kernel does next with a message that it accepts.
  private static func readOn(_ message: WireMessage) {
    guard let header = try? Header(parsing: message.header) else { return }
    MessageSurface.examine(header)
    guard let row = MessageTable.row(header.type) else { return }
    law(row.type == header.type, "the row of a type is that type's")
    guard let content = (try? JSONValue(parsing: message.content))?.members else { return }
    MessageSurface.examine(content, as: row)
  }

  /// A memory of four signatures against a list of them; each frame stands for a signature.
  private static func remember(_ frames: [[UInt8]]) {
    let memory = ReplayMemory(capacity: 4)
    var list: [[UInt8]] = []
    for frame in frames.prefix(64) {
      let digits = Array("0123456789abcdef".utf8)
      let first = (0..<16).map { $0 < frame.count ? frame[$0] : 0 }
      let signature = first.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
      let isNew = !list.contains(signature)
      law(memory.admit(signature) == isNew, "a signature is admitted once among four")
      if isNew { list = list.suffix(3) + [signature] }
    }
  }
}
