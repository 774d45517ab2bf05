/// The one look of all pictures: calm colours, sizes of text, and distances.
public enum Theme {
  /// The opaque background, a warm white that is quiet on light pages and on dark ones.
  public static let background = Color(0xFBFA_F7)
  /// Titles and values.
  public static let text = Color(0x26272B)
  /// Labels, ticks and captions.
  public static let secondaryText = Color(0x5D5F66)
  /// Lines of the grid.
  public static let grid = Color(0xE6E4DD)
  /// The line at the foot of a plot, and thin frames.
  public static let axis = Color(0xA9A8A2)
  /// Where there is nothing: the surroundings of images.
  public static let mat = Color(0xEFEDE6)
  /// Lines of reference, such as chance.
  public static let reference = Color(0x6B6D75)

  /// What is there to compare with: bars of baselines.
  public static let baseline = Color(0xA3A7B0)

  /// The true frame in pictures of predictions.
  public static let truth = Color(0x00A37A)
  /// The predicted frame in pictures of predictions.
  public static let prediction = Color(0xE8590C)

  /// Ten colours that stay apart for colour-blind eyes, after Okabe and Ito (2008), with the yellow
  /// and the light tones darkened for a light background.
  public static let palette: [Color] = [
    Color(0x0072B2), Color(0xD55E00), Color(0x009E73), Color(0xCC79A7), Color(0xE69F00),
    Color(0x56B4E9), Color(0x4B4D57), Color(0xB5A500), Color(0x7A4EA3), Color(0x8C4A2F),
  ]

  /// The colour of the series or class with a number, counted from 0.
  public static func color(_ index: Int) -> Color {
    palette[((index % palette.count) + palette.count) % palette.count]
  }

  static let groupTitle = TextStyle(size: 18, isBold: true, color: text)
  static let title = TextStyle(size: 15, isBold: true, color: text)
  static let subtitle = TextStyle(size: 11.5, color: secondaryText)
  static let label = TextStyle(size: 11.5, color: text)
  static let tick = TextStyle(size: 10.5, color: secondaryText)
  static let legend = TextStyle(size: 11, color: text)
  static let caption = TextStyle(size: 10.5, color: secondaryText)
  static let heading = TextStyle(size: 11, isBold: true, color: text)

  /// The distance from the figure's edge to its content, in points.
  static let padding = 18.0
  /// The radius of the background's corners, in points.
  static let cornerRadius = 8.0
}
