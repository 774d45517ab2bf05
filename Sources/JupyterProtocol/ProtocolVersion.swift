/// The version of the Jupyter messaging protocol.
public enum ProtocolVersion {
  /// The one version that every header, `kernel_info_reply` and the kernelspec state.
  public static let current = "5.6"
}
