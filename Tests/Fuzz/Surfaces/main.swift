import CLibFuzzer
import Glibc

// fuzz --surface=NAME [libFuzzer's options and corpus folders]
//
// libFuzzer itself ignores options with two dashes, and hands them on to the processes that it starts.

let chosen = CommandLine.arguments.compactMap { argument in
  argument.hasPrefix("--surface=") ? argument.split(separator: "=").last.map(String.init) : nil
}
guard let name = chosen.last, let examine = surfaces[name] else {
  fatalError("--surface= takes one of \(surfaces.keys.sorted().joined(separator: ", "))")
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
Memory.startCounting()
exit(LLVMFuzzerRunDriver(&count, &arguments, examine))
