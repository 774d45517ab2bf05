/// Every method, one line each.
public let catalogue: [any Method.Type] = [
  AET.self,
  EquiVAE.self,
  EquiVAEBenchmark.self,
]
