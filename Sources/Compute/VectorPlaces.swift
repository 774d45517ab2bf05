// Vectors at places: a whole one, or as many of its lanes as there are values left.

extension UnsafePointer<Float> {
  /// Some values from a place on; lanes beyond `count` are zero.
  @inline(__always)
  func lanes(_ place: Int, _ count: Int) -> Elementwise.Vector {
    count == 16 ? Elementwise.load(self + place) : Elementwise.load(self + place, count)
  }
}

extension UnsafeMutablePointer<Float> {
  /// Some values from a place on; lanes beyond `count` are zero.
  @inline(__always)
  func lanes(_ place: Int, _ count: Int) -> Elementwise.Vector {
    UnsafePointer(self).lanes(place, count)
  }

  /// Writes the first `count` lanes.
  @inline(__always)
  func store(_ vector: Elementwise.Vector, _ place: Int, _ count: Int) {
    if count == 16 {
      Elementwise.store(vector, self + place)
    } else {
      Elementwise.store(vector, self + place, count)
    }
  }
}
