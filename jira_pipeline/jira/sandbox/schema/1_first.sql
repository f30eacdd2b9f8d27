CREATE TABLE site (
  site_id TEXT NOT NULL, base_url TEXT NOT NULL, title TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE user (
  account_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, email TEXT NOT NULL,
  position INTEGER NOT NULL
);
CREATE TABLE project (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  last_number INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE issue (
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES project (id),
  number INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, summary TEXT NOT NULL,
  type_id TEXT NOT NULL, priority_id TEXT NOT NULL, status_id TEXT NOT NULL,
  description TEXT, description_wiki TEXT, assignee_id TEXT, reporter_id TEXT NOT NULL,
  creator_id TEXT NOT NULL, parent_id INTEGER REFERENCES issue (id), due_on TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (project_id, number)
);
CREATE INDEX issue_parent ON issue (parent_id);
CREATE TABLE issue_label (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE, label TEXT NOT NULL,
  PRIMARY KEY (issue_id, label)
) WITHOUT ROWID;
CREATE INDEX issue_label_label ON issue_label (label);
CREATE TABLE issue_property (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE, key TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (issue_id, key)
) WITHOUT ROWID;
CREATE TABLE issue_link (
  id INTEGER PRIMARY KEY AUTOINCREMENT, type_id TEXT NOT NULL,
  inward_issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  outward_issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  UNIQUE (type_id, inward_issue_id, outward_issue_id)
);
CREATE INDEX issue_link_outward ON issue_link (outward_issue_id);
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  filename TEXT NOT NULL, mime_type TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  content BLOB NOT NULL, author_id TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE INDEX attachment_issue ON attachment (issue_id);
CREATE TABLE comment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  body TEXT NOT NULL, body_wiki TEXT, author_id TEXT NOT NULL, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX comment_issue ON comment (issue_id);
CREATE TABLE journal_request (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, query TEXT NOT NULL, account_id TEXT, status INTEGER
);
CREATE TABLE journal_change (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  request_sequence INTEGER NOT NULL REFERENCES journal_request (sequence),
  at TEXT NOT NULL, change TEXT NOT NULL, issue_id INTEGER, detail TEXT NOT NULL
);
