-- Agile boards, sprints, history, worklogs, moved issues, the site's rules.
ALTER TABLE issue ADD COLUMN security_level TEXT;
CREATE TABLE site_rules (document TEXT NOT NULL);
CREATE TABLE board (
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES project (id),
  name TEXT NOT NULL, type TEXT NOT NULL
);
CREATE TABLE sprint (
  id INTEGER PRIMARY KEY AUTOINCREMENT, board_id INTEGER NOT NULL REFERENCES board (id),
  name TEXT NOT NULL, state TEXT NOT NULL, goal TEXT NOT NULL DEFAULT '', created_at TEXT,
  start_at TEXT, end_at TEXT, complete_at TEXT
);
CREATE TABLE issue_sprint (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  sprint_id INTEGER NOT NULL REFERENCES sprint (id), PRIMARY KEY (issue_id, sprint_id)
) WITHOUT ROWID;
CREATE INDEX issue_sprint_sprint ON issue_sprint (sprint_id);
CREATE TABLE issue_custom_value (
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE, field_id TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (issue_id, field_id)
) WITHOUT ROWID;
CREATE TABLE former_key (
  key TEXT PRIMARY KEY, issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX former_key_issue ON former_key (issue_id);
CREATE TABLE change_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  author_id TEXT NOT NULL, created_at TEXT NOT NULL, items TEXT NOT NULL
);
CREATE INDEX change_history_issue ON change_history (issue_id);
CREATE TABLE worklog (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
  author_id TEXT NOT NULL, comment TEXT, comment_wiki TEXT, started_at TEXT NOT NULL,
  spent_seconds INTEGER NOT NULL, created_at TEXT NOT NULL
);
CREATE INDEX worklog_issue ON worklog (issue_id);
INSERT INTO board (project_id, name, type)
  SELECT id, key || ' board', 'scrum' FROM project ORDER BY id;
INSERT INTO sprint (board_id, name, state)
  SELECT board.id, project.key || ' Sprint 1', 'active'
  FROM board JOIN project ON project.id = board.project_id ORDER BY board.id;
INSERT INTO sprint (board_id, name, state)
  SELECT board.id, project.key || ' Sprint 2', 'future'
  FROM board JOIN project ON project.id = board.project_id ORDER BY board.id;
