import Compute
import Foundation

// Does what the sanitizers are there to report, so that a run which cannot fail is noticed, and what is right but
// looks to a sanitizer like a mistake, unless it is told.

/// What values are kept in that are copied when they are changed.
final class Storage: @unchecked Sendable { var number = 1 }

/// A thread reads what it shares and lets go of it, and another then changes it in place; nothing but the count of
/// references says which was first.
func share() {
  var storage = Storage()
  Thread.detachNewThread { [storage] in precondition(storage.number == 1) }
  while !isKnownUniquelyReferenced(&storage) { usleep(1000) }
  storage.number = 2
}

let values = Buffer(count: 17)
values.pointer.update(repeating: 0, count: 17)
switch CommandLine.arguments.dropFirst().first {
case "race":
  // Two parts write the same place; often, as on a busy machine one thread may do both before another wakes.
  for _ in 0..<1000 { Parallel.ranges(1000) { range in for _ in range { values.pointer[0] += 1 } } }
case "after-return":
  // A read of memory that has gone back to the pool.
  let stale = Buffer(count: 17).pointer
  values.pointer[0] = stale[3]
case "past-end":
  // A read past the end, inside of the block that the pool gave.
  values.pointer[0] = values.pointer[values.count]
case "share": share()
default: break
}
print("not reported: \(values.pointer[0])")
