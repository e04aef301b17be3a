"""Tables of the object store.

A *content* is a sequence of segments (blob, start, size). Objects and parts each own one content.
Copies and completed multipart uploads name the same blobs again, so they move no data; a blob goes
when the last segment naming it goes.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS cors (bucket TEXT PRIMARY KEY, rules TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS contents (id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS segments (
  content INTEGER NOT NULL REFERENCES contents (id), n INTEGER NOT NULL,
  blob TEXT NOT NULL, start INTEGER NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (content, n)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segments_by_blob ON segments (blob);
CREATE TABLE IF NOT EXISTS objects (
  bucket TEXT NOT NULL REFERENCES buckets (name), key TEXT NOT NULL,
  size INTEGER NOT NULL, etag TEXT NOT NULL, modified REAL NOT NULL,
  headers TEXT NOT NULL, checksums TEXT NOT NULL, content INTEGER NOT NULL REFERENCES contents (id),
  PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL,
  created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS parts (
  upload TEXT NOT NULL REFERENCES uploads (id), n INTEGER NOT NULL, size INTEGER NOT NULL,
  etag TEXT NOT NULL, checksums TEXT NOT NULL, modified REAL NOT NULL,
  content INTEGER NOT NULL REFERENCES contents (id),
  PRIMARY KEY (upload, n)
) WITHOUT ROWID;
"""
