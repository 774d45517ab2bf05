/// The data sets that Orbit knows, one line each.
public enum DatasetCatalogue {
  /// All of them, in the order in which they are listed for people.
  public static let all: [any DatasetSource.Type] = [
    FashionMNIST.self,
    MNIST.self,
    CIFAR10.self,
    CIFAR100.self,
    SVHN.self,
  ]
}
