import Glibc
import Testing

@testable import Formats

@Suite("A library that reads a format")
struct LibraryLoadingTests {
  @Test("is named by the error when it cannot be loaded")
  func missing() throws {
    let error = #expect(throws: FormatError.self) {
      try LibraryLoading.check(strdup("no such file"), "libzip", format: "zip", path: "a.zip")
    }
    let text = try #require(error).description
    for word in ["a.zip", "libzip", "no such file", "orbit doctor"] {
      #expect(text.contains(word), "\(text)")
    }
  }

  @Test("is no error when it is there")
  func present() throws {
    try LibraryLoading.check(nil, "libzip", format: "zip", path: "a.zip")
  }
}
