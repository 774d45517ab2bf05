import Compute

// Does what the sanitizers are there to report, so that a run which cannot fail is noticed.

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
default: break
}
print("not reported: \(values.pointer[0])")
