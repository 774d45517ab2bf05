import JupyterKernel
import JupyterProtocol

/// The files that tell Jupyter how to start this kernel.
///
/// They stand in the repository's `kernelspec` folder and are compiled into the program, through the link
/// of that name beside this file. So one file that can be copied anywhere installs itself, without a
/// source tree and without files beside it.
struct Kernelspec {
  /// The program that Jupyter starts, as an absolute path.
  var executable: String
  /// The name that people see.
  var displayName: String
  /// What is added to the environment of the kernel.
  var environment: [(name: String, value: String)] = []
  /// The workspace's folder, as an absolute path; beside each notebook, when `nil`.
  var workspace: String?

  /// All files, by name.
  var files: [(name: String, bytes: [UInt8])] {
    get throws {
      [
        ("kernel.json", try description.serialized + [UInt8(ascii: "\n")]),
        ("logo-32x32.png", PackageResources.logo_32x32_png),
        ("logo-64x64.png", PackageResources.logo_64x64_png),
        ("logo-svg.svg", PackageResources.logo_svg_svg),
      ]
    }
  }

  /// The template with its blanks filled in; `{connection_file}` is left for Jupyter.
  var description: JSONValue {
    get throws {
      var object = filled(try JSONValue(parsing: PackageResources.kernel_json)).members ?? [:]
      if let workspace, let arguments = object["argv"]?.elements {
        object["argv"] = .array(arguments + ["--workspace", .string(workspace)])
      }
      if !environment.isEmpty {
        let members = environment.map {
          JSONObject.Member(key: $0.name, value: .string($0.value))
        }
        object["env"] = .object(JSONObject(members))
      }
      return .object(object)
    }
  }

  private func filled(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string("{executable}"): .string(executable)
    case .string("{display_name}"): .string(displayName)
    case .string("{protocol_version}"): .string(ProtocolVersion.current)
    // A launcher that asks for encryption must know beforehand whether it would get it.
    case .string("{supported_encryption}"):
      .array(Kernel.supportedEncryption.map { .string($0) })
    case .array(let elements): .array(elements.map(filled))
    case .object(let object):
      .object(
        JSONObject(
          object.members.map { JSONObject.Member(key: $0.key, value: filled($0.value)) }))
    default: value
    }
  }
}
