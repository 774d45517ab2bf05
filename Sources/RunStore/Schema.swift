import GRDB

/// The tables of the store, as steps from each version to the next.
///
/// The version stands in the file's header (`user_version`), beside a mark that the file is Orbit's
/// (`application_id`), so that a foreign or newer file is recognised before SQLite touches it. A step that
/// was released is never changed; a new one is added at the end.
///
/// Times are seconds since 1970 as real numbers; seeds are 64-bit numbers with their bits as they are, so
/// those from 2⁶³ show as negative; a value that is NULL in `metrics` or `probes` was not a number.
///
/// | table | a row is | columns |
/// |---|---|---|
/// | `sessions` | the life of a kernel | `id`, `started`, `finished` |
/// | `history` | an executed cell | `session`, `line`, `source`, `output`, `started`, `status` |
/// | `runs` | a training run | `id`, `session`, `cell`, `name`, `method`, `options` (JSON), `data` (recipe), `checksum`, `seed`, `status`, `started`, `finished`, `epochs`, `loss`, `rate` (images per second), `code` (the cell's text), `build`, `host`, `batch`, `steps` (taken), `planned` (steps in all), `seconds` (of training), `trainer` (the session that trains it, or did last) |
/// | `metrics` | a value at a step | `run`, `name`, `step`, `epoch`, `value` |
/// | `commits` | what a cell changed of names or of what they lead to | `id`, `session`, `line` (−1 where no cell is taken back with it), `made`, `undoes` |
/// | `names` | a name as a commit left it | `made_by` (commit), `name`, `place`, `constant`, `value` (JSON, NULL when forgotten), `type`, `summary` |
/// | `objects` | a data set, model, run … that names lead to | `id`, `kind`, `recipe` (JSON), `blob` |
/// | `states` | what changes of an object, as a commit left it | `made_by` (commit), `object`, `content` (JSON), `blob` |
/// | `checkpoints` | the newest checkpoint of a run that has not ended | `run`, `model` (objects), `name`, `step`, `content` (JSON), `blob`, `made` |
/// | `probes` | a measurement of a run's model | `run`, `name`, `value`, `protocol`, `step` (of the model), `time` |
/// | `figures` | a picture of a run's model | `run`, `session`, `cell`, `word`, `caption`, `time` |
/// | `provenance` | a signed record of a figure or a model, in the order in which they were made | `id`, `digest` (SHA-256 of `record`), `previous` (`digest` of the row before it; NULL in the first), `kind`, `made`, `record` (JSON) |
/// | `outputs` | something that a cell showed | `session`, `line`, `place` (its number in the cell, from 0; where numbers are missing, outputs were left out), `kind` (`stdout`, `stderr`, `display`, `result`, `error`), `shown` (when it last changed), `bundle` (JSON, as in a notebook's file) |
///
/// A blob is the SHA-256 of a file in the folder `blobs` beside the database. `docs/workspace.md` describes every
/// column for other tools.
enum Schema {
  /// "Orbt", in the header's `application_id`.
  static let applicationID: Int32 = 0x4F72_6274

  /// The newest version known.
  static var version: Int { steps.count }

  /// Step `i` leads from version `i` to version `i + 1`.
  static let steps: [String] = [
    """
    CREATE TABLE sessions (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      started REAL NOT NULL,
      finished REAL);
    CREATE TABLE history (
      session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      line INTEGER NOT NULL,
      source TEXT NOT NULL,
      output TEXT,
      started REAL NOT NULL,
      status TEXT NOT NULL,
      UNIQUE (session, line));
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      session INTEGER REFERENCES sessions (id) ON DELETE SET NULL,
      cell INTEGER,
      name TEXT NOT NULL,
      method TEXT NOT NULL,
      options TEXT NOT NULL,
      data TEXT NOT NULL,
      checksum TEXT NOT NULL,
      seed INTEGER NOT NULL,
      status TEXT NOT NULL,
      started REAL NOT NULL,
      finished REAL,
      epochs INTEGER NOT NULL,
      loss REAL,
      rate REAL);
    CREATE TABLE metrics (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      step INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      value REAL,
      PRIMARY KEY (run, name, step)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE commits (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      session INTEGER NOT NULL,
      line INTEGER NOT NULL,
      made REAL NOT NULL,
      undoes INTEGER);
    CREATE INDEX commits_of_session ON commits (session, id);
    CREATE TABLE names (
      made_by INTEGER NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      place INTEGER NOT NULL,
      constant INTEGER NOT NULL,
      value TEXT,
      type TEXT NOT NULL,
      summary TEXT NOT NULL,
      PRIMARY KEY (name, made_by)) WITHOUT ROWID;
    CREATE INDEX names_of_commit ON names (made_by);
    CREATE TABLE objects (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      recipe TEXT NOT NULL,
      blob TEXT);
    CREATE TABLE states (
      object INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
      made_by INTEGER NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
      content TEXT NOT NULL,
      blob TEXT,
      PRIMARY KEY (object, made_by)) WITHOUT ROWID;
    CREATE INDEX states_of_commit ON states (made_by);
    CREATE TABLE checkpoints (
      run INTEGER PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
      model INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      step INTEGER NOT NULL,
      content TEXT NOT NULL,
      blob TEXT NOT NULL,
      made REAL NOT NULL);
    """,
    // What a run can be asked for. Of older runs, what the other tables tell is filled in.
    """
    ALTER TABLE runs ADD COLUMN code TEXT;
    ALTER TABLE runs ADD COLUMN build TEXT;
    ALTER TABLE runs ADD COLUMN host TEXT;
    ALTER TABLE runs ADD COLUMN batch INTEGER;
    ALTER TABLE runs ADD COLUMN steps INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN planned INTEGER;
    ALTER TABLE runs ADD COLUMN seconds REAL;
    ALTER TABLE runs ADD COLUMN trainer INTEGER REFERENCES sessions (id) ON DELETE SET NULL;
    UPDATE runs SET
      code = (SELECT source FROM history WHERE history.session = runs.session AND line = cell),
      batch = CASE WHEN json_valid(options)
        THEN CAST(json_extract(options, '$.batch') AS INTEGER) END,
      steps = coalesce((SELECT max(step) FROM metrics WHERE run = runs.id), 0),
      trainer = session;
    CREATE TABLE probes (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      value REAL,
      protocol TEXT NOT NULL,
      step INTEGER NOT NULL,
      time REAL NOT NULL);
    CREATE INDEX probes_run ON probes (run);
    CREATE TABLE figures (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      session INTEGER REFERENCES sessions (id) ON DELETE SET NULL,
      cell INTEGER,
      word TEXT NOT NULL,
      caption TEXT NOT NULL,
      time REAL NOT NULL);
    CREATE INDEX figures_run ON figures (run);
    """,
    """
    CREATE TABLE provenance (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      digest TEXT NOT NULL UNIQUE,
      previous TEXT,
      kind TEXT NOT NULL,
      made REAL NOT NULL,
      record TEXT NOT NULL);
    CREATE TABLE outputs (
      session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      line INTEGER NOT NULL,
      place INTEGER NOT NULL,
      kind TEXT NOT NULL,
      shown REAL NOT NULL,
      bundle TEXT NOT NULL,
      PRIMARY KEY (session, line, place));
    """,
  ]

  static func version(of database: Database) throws -> Int {
    try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
  }

  /// Takes the steps that are missing, all or none.
  static func migrate(_ database: Database) throws {
    guard try version(of: database) < version else { return }
    // Immediate: of two kernels that start at once, one waits and then finds the work done.
    try database.inTransaction(.immediate) {
      let old = try version(of: database)
      if old < version {
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        for step in steps[old...] { try database.execute(sql: step) }
        try database.execute(sql: "PRAGMA user_version = \(version)")
      }
      return .commit
    }
  }
}
