/// Asks what the kernel is.
package struct KernelInfoRequest: RequestContent {
  package static let type = "kernel_info_request"
  package static let replyType: String? = "kernel_info_reply"

  package init(_ content: JSONObject) throws(ContentError) {}
}

/// Says what the kernel is.
package struct KernelInfoReply: MessageContent {
  package static let type = "kernel_info_reply"

  /// The kernel's name.
  package var implementation: String
  /// The kernel's version.
  package var version: String
  /// What a console prints at start.
  package var banner: String
  /// The members of `language_info`.
  package var language: JSONObject
  /// The entries of the Help menu, text and address.
  package var helpLinks: [(text: String, url: String)]

  /// Makes an answer.
  package init(
    implementation: String, version: String, banner: String, language: JSONObject,
    helpLinks: [(text: String, url: String)]
  ) {
    self.implementation = implementation
    self.version = version
    self.banner = banner
    self.language = language
    self.helpLinks = helpLinks
  }

  /// The optional parts of the protocol that the kernel has (JEP 92).
  package static let supportedFeatures = ["kernel subshells"]

  package var members: JSONObject {
    let links: [JSONValue] = helpLinks.map { link in
      ["text": .string(link.text), "url": .string(link.url)]
    }
    return [
      "status": "ok", "protocol_version": .string(ProtocolVersion.current),
      "implementation": .string(implementation), "implementation_version": .string(version),
      "language_info": .object(language), "banner": .string(banner), "debugger": false,
      "supported_features": .array(Self.supportedFeatures.map { .string($0) }),
      "help_links": .array(links),
    ]
  }
}

/// Asks the running cell to stop.
package struct InterruptRequest: RequestContent {
  package static let type = "interrupt_request"
  package static let replyType: String? = "interrupt_reply"

  package init(_ content: JSONObject) throws(ContentError) {}
}

/// Says that the running cell was asked to stop.
package struct InterruptReply: MessageContent {
  package static let type = "interrupt_reply"

  /// Makes an answer.
  package init() {}

  package var members: JSONObject { ["status": "ok"] }
}

/// Ends the kernel.
package struct ShutdownRequest: RequestContent {
  package static let type = "shutdown_request"
  package static let replyType: String? = "shutdown_reply"

  /// Whether another kernel is started in its place.
  package var restart: Bool

  package init(_ content: JSONObject) throws(ContentError) {
    restart = try Fields(type: Self.type, content: content).truth("restart", default: false)
  }
}

/// Says that the kernel ends.
package struct ShutdownReply: MessageContent {
  package static let type = "shutdown_reply"

  /// Whether another kernel is started in its place.
  package var restart: Bool

  /// Makes an answer.
  package init(restart: Bool) {
    self.restart = restart
  }

  package var members: JSONObject { ["status": "ok", "restart": .boolean(restart)] }
}

/// Asks what the kernel uses of the machine.
package struct UsageRequest: RequestContent {
  package static let type = "usage_request"
  package static let replyType: String? = "usage_reply"

  package init(_ content: JSONObject) throws(ContentError) {}
}

/// Says what the kernel uses of the machine.
package struct UsageReply: MessageContent {
  package static let type = "usage_reply"

  /// The name of the machine.
  package var hostname: String
  /// The process.
  package var processID: Int
  /// Processor time since the last question, in percent of one core.
  package var processorPercent: Double
  /// Resident memory in bytes.
  package var memory: Int
  /// Memory of the machine in bytes: all, and what is free to use.
  package var machineMemory: (total: Int, available: Int)
  /// Cores of the machine.
  package var processorCount: Int
  /// Messages that were dropped because they were malformed, forged or repeated.
  package var rejectedMessages: Int

  /// Makes an answer.
  package init(
    hostname: String, processID: Int, processorPercent: Double, memory: Int,
    machineMemory: (total: Int, available: Int), processorCount: Int, rejectedMessages: Int
  ) {
    self.hostname = hostname
    self.processID = processID
    self.processorPercent = processorPercent
    self.memory = memory
    self.machineMemory = machineMemory
    self.processorCount = processorCount
    self.rejectedMessages = rejectedMessages
  }

  package var members: JSONObject {
    let used = machineMemory.total - machineMemory.available
    let percent =
      machineMemory.total > 0 ? 100 * Double(used) / Double(machineMemory.total) : 0
    return [
      "status": "ok", "hostname": .string(hostname), "pid": .integer(processID),
      "kernel_cpu": .number(processorPercent), "kernel_memory": .integer(memory),
      "cpu_count": .integer(processorCount),
      "host_virtual_memory": [
        "total": .integer(machineMemory.total), "available": .integer(machineMemory.available),
        "used": .integer(used), "percent": .number(percent),
      ],
      "rejected_messages": .integer(rejectedMessages),
    ]
  }
}
