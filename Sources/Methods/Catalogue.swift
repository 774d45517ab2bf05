/// Every method, one line each.
public let catalogue: [any Method.Type] = [
  AET.self,
  AVT.self,
  RotNet.self,
  AED.self,
  Supervised.self,
  VQVAE.self,
  EquiVAE.self,
  EquiVAEBenchmark.self,
]
