CREATE TABLE jira_pipeline_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT jira_pipeline_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE audit (
    sequence INTEGER NOT NULL,
    at VARCHAR(32) NOT NULL,
    session_key TEXT,
    actor TEXT NOT NULL,
    action VARCHAR(64) NOT NULL,
    details TEXT NOT NULL,
    previous_hash VARCHAR(64) NOT NULL,
    entry_hash VARCHAR(64) NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (sequence),
    CONSTRAINT uq_audit_previous_hash UNIQUE (previous_hash)
);

CREATE INDEX ix_audit_session_key ON audit (session_key);

CREATE TABLE errors (
    error_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session_key TEXT,
    at VARCHAR(32) NOT NULL,
    code VARCHAR(64) NOT NULL,
    category VARCHAR(32) NOT NULL,
    stage VARCHAR(64) NOT NULL,
    message TEXT NOT NULL,
    recovery_actions TEXT NOT NULL,
    run_id VARCHAR(255),
    ticket_id VARCHAR(64),
    file TEXT,
    line INTEGER
);

CREATE INDEX ix_errors_session_key ON errors (session_key);

CREATE TABLE installation (
    number INTEGER NOT NULL,
    installation_id VARCHAR(36) NOT NULL,
    CONSTRAINT pk_installation PRIMARY KEY (number),
    CONSTRAINT ck_installation_one_row CHECK (number = 1)
);

CREATE TABLE sessions (
    session_key VARCHAR(64) NOT NULL,
    content_sha256 VARCHAR(64) NOT NULL,
    upload_path TEXT NOT NULL,
    manifest TEXT NOT NULL,
    stage VARCHAR(64) NOT NULL,
    status VARCHAR(64) NOT NULL,
    created_at VARCHAR(32) NOT NULL,
    updated_at VARCHAR(32) NOT NULL,
    generated_at VARCHAR(32),
    generated_from_sha256 VARCHAR(64),
    last_validated_at VARCHAR(32),
    last_invalidated_at VARCHAR(32),
    run_id VARCHAR(255),
    progress_percentage FLOAT NOT NULL,
    progress_text TEXT NOT NULL,
    failed_at_ticket_number INTEGER,
    cancel_requested_at VARCHAR(32),
    cancel_requested_by TEXT,
    cancel_run_id VARCHAR(255),
    CONSTRAINT pk_sessions PRIMARY KEY (session_key)
);

CREATE TABLE targets (
    target_id VARCHAR(255) NOT NULL,
    site_id TEXT NOT NULL,
    base_url TEXT NOT NULL,
    project_id TEXT NOT NULL,
    project_key TEXT NOT NULL,
    is_sandbox BOOLEAN NOT NULL,
    first_used_at VARCHAR(32) NOT NULL,
    last_used_at VARCHAR(32) NOT NULL,
    CONSTRAINT pk_targets PRIMARY KEY (target_id)
);

CREATE TABLE findings (
    session_key VARCHAR(64) NOT NULL,
    position INTEGER NOT NULL,
    severity VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL,
    file TEXT,
    line INTEGER,
    record INTEGER,
    "column" TEXT,
    value TEXT,
    message TEXT NOT NULL,
    advice TEXT NOT NULL,
    CONSTRAINT pk_findings PRIMARY KEY (session_key, position),
    CONSTRAINT fk_findings_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

CREATE TABLE ledger (
    sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at VARCHAR(32) NOT NULL,
    target_id VARCHAR(255) NOT NULL,
    session_key VARCHAR(64) NOT NULL,
    ticket_id VARCHAR(64) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    event VARCHAR(64) NOT NULL,
    identity TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    low_bound INTEGER,
    remote_id TEXT,
    remote_key TEXT,
    detail TEXT NOT NULL,
    CONSTRAINT fk_ledger_target_id_targets FOREIGN KEY(target_id) REFERENCES targets (target_id)
);

CREATE INDEX ix_ledger_session_key_target_id ON ledger (session_key, target_id);

CREATE TABLE manual_fixes (
    fix_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session_key VARCHAR(64) NOT NULL,
    target_id VARCHAR(255) NOT NULL,
    ticket_id VARCHAR(64) NOT NULL,
    fix_type VARCHAR(64) NOT NULL,
    subject TEXT NOT NULL,
    title TEXT NOT NULL,
    original_value TEXT NOT NULL,
    recommended_action TEXT NOT NULL,
    jira_key TEXT,
    jira_url TEXT,
    state VARCHAR(64) NOT NULL,
    created_at VARCHAR(32) NOT NULL,
    CONSTRAINT fk_manual_fixes_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE,
    CONSTRAINT uq_manual_fixes_target_id_ticket_id_fix_type_subject UNIQUE (target_id, ticket_id, fix_type, subject)
);

CREATE INDEX ix_manual_fixes_session_key ON manual_fixes (session_key);

CREATE TABLE source_files (
    session_key VARCHAR(64) NOT NULL,
    name TEXT NOT NULL,
    sheet VARCHAR(64) NOT NULL,
    row_count INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    size_bytes INTEGER NOT NULL,
    encoding VARCHAR(32) NOT NULL,
    delimiter VARCHAR(8) NOT NULL,
    CONSTRAINT pk_source_files PRIMARY KEY (session_key, name),
    CONSTRAINT fk_source_files_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

CREATE TABLE tickets (
    ticket_id VARCHAR(64) NOT NULL,
    session_key VARCHAR(64) NOT NULL,
    number INTEGER NOT NULL,
    group_key TEXT NOT NULL,
    display_group VARCHAR(64) NOT NULL,
    action VARCHAR(64) NOT NULL,
    current_revision INTEGER NOT NULL,
    source_lines TEXT NOT NULL,
    assignee TEXT,
    sprint TEXT,
    priority TEXT,
    labels TEXT NOT NULL,
    parent TEXT,
    ready_hash VARCHAR(64),
    ready_by TEXT,
    skipped_reason TEXT,
    is_withdrawn BOOLEAN NOT NULL,
    CONSTRAINT pk_tickets PRIMARY KEY (ticket_id),
    CONSTRAINT fk_tickets_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

CREATE INDEX ix_tickets_session_key_number ON tickets (session_key, number);

CREATE TABLE validations (
    validation_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session_key VARCHAR(64) NOT NULL,
    at VARCHAR(32) NOT NULL,
    CONSTRAINT fk_validations_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

CREATE INDEX ix_validations_session_key ON validations (session_key);

CREATE TABLE dependencies (
    session_key VARCHAR(64) NOT NULL,
    ticket_id VARCHAR(64) NOT NULL,
    other_ticket_id VARCHAR(64) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    origin VARCHAR(16) NOT NULL,
    CONSTRAINT pk_dependencies PRIMARY KEY (ticket_id, other_ticket_id, kind, origin),
    CONSTRAINT ck_dependencies_kind CHECK (kind IN ('blocks', 'relates')),
    CONSTRAINT ck_dependencies_origin CHECK (origin IN ('computed', 'manual')),
    CONSTRAINT ck_dependencies_not_itself CHECK (ticket_id <> other_ticket_id),
    CONSTRAINT fk_dependencies_other_ticket_id_tickets FOREIGN KEY(other_ticket_id) REFERENCES tickets (ticket_id) ON DELETE CASCADE,
    CONSTRAINT fk_dependencies_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE,
    CONSTRAINT fk_dependencies_ticket_id_tickets FOREIGN KEY(ticket_id) REFERENCES tickets (ticket_id) ON DELETE CASCADE
);

CREATE INDEX ix_dependencies_session_key ON dependencies (session_key);

CREATE TABLE revisions (
    ticket_id VARCHAR(64) NOT NULL,
    number INTEGER NOT NULL,
    origin VARCHAR(64) NOT NULL,
    title TEXT NOT NULL,
    user_story TEXT NOT NULL,
    analysis TEXT NOT NULL,
    questions TEXT NOT NULL,
    verification TEXT NOT NULL,
    notes TEXT NOT NULL,
    open_questions TEXT NOT NULL,
    estimated_hours VARCHAR(64) NOT NULL,
    writer TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at VARCHAR(32) NOT NULL,
    content_hash VARCHAR(64) NOT NULL,
    CONSTRAINT pk_revisions PRIMARY KEY (ticket_id, number),
    CONSTRAINT fk_revisions_ticket_id_tickets FOREIGN KEY(ticket_id) REFERENCES tickets (ticket_id) ON DELETE CASCADE
);

CREATE TABLE validation_results (
    validation_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    ticket_id VARCHAR(64) NOT NULL,
    title TEXT NOT NULL,
    is_passed BOOLEAN NOT NULL,
    rendered_hash VARCHAR(64) NOT NULL,
    adf_size_bytes INTEGER NOT NULL,
    character_reduction INTEGER NOT NULL,
    error_message TEXT NOT NULL,
    suggested_fix TEXT NOT NULL,
    is_attachment_checked BOOLEAN NOT NULL,
    attachment_status VARCHAR(32) NOT NULL,
    CONSTRAINT pk_validation_results PRIMARY KEY (validation_id, position),
    CONSTRAINT fk_validation_results_validation_id_validations FOREIGN KEY(validation_id) REFERENCES validations (validation_id) ON DELETE CASCADE
);

CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END;

CREATE TRIGGER ledger_refuses_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END;

CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER revisions_refuses_update BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'revisions is append-only'); END;

CREATE TABLE export_steps (
    step_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session_key VARCHAR(64) NOT NULL,
    target_id VARCHAR(255) NOT NULL,
    step VARCHAR(64) NOT NULL,
    run_id VARCHAR(255),
    started_at VARCHAR(32) NOT NULL,
    seconds FLOAT NOT NULL,
    done_count INTEGER NOT NULL,
    requests TEXT NOT NULL,
    CONSTRAINT fk_export_steps_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

CREATE INDEX ix_export_steps_session_key_target_id ON export_steps (session_key, target_id);

CREATE TABLE export_retries (
    session_key VARCHAR(64) NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_export_retries PRIMARY KEY (session_key),
    CONSTRAINT fk_export_retries_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

ALTER TABLE tickets ADD COLUMN position INTEGER;

ALTER TABLE tickets ADD COLUMN assigned_fields TEXT DEFAULT '[]' NOT NULL;

ALTER TABLE tickets ADD COLUMN source_changes TEXT DEFAULT '[]' NOT NULL;

ALTER TABLE revisions ADD COLUMN facts_hash VARCHAR(64);

ALTER TABLE revisions ADD COLUMN rolled_back_to INTEGER;

CREATE TABLE answers (
    session_key VARCHAR(64) NOT NULL,
    ticket_id VARCHAR(64) NOT NULL,
    question_id VARCHAR(32) NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    answered_at VARCHAR(32) NOT NULL,
    CONSTRAINT pk_answers PRIMARY KEY (ticket_id, question_id),
    CONSTRAINT fk_answers_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE,
    CONSTRAINT fk_answers_ticket_id_tickets FOREIGN KEY(ticket_id) REFERENCES tickets (ticket_id) ON DELETE CASCADE
);

CREATE INDEX ix_answers_session_key ON answers (session_key);

CREATE TABLE released_dependencies (
    session_key VARCHAR(64) NOT NULL,
    ticket_id VARCHAR(64) NOT NULL,
    other_ticket_id VARCHAR(64) NOT NULL,
    CONSTRAINT pk_released_dependencies PRIMARY KEY (ticket_id, other_ticket_id),
    CONSTRAINT fk_released_dependencies_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE,
    CONSTRAINT fk_released_dependencies_ticket_id_tickets FOREIGN KEY(ticket_id) REFERENCES tickets (ticket_id) ON DELETE CASCADE,
    CONSTRAINT fk_released_dependencies_other_ticket_id_tickets FOREIGN KEY(other_ticket_id) REFERENCES tickets (ticket_id) ON DELETE CASCADE
);

CREATE INDEX ix_released_dependencies_session_key ON released_dependencies (session_key);

ALTER TABLE ledger ADD COLUMN sent TEXT;

ALTER TABLE validation_results ADD COLUMN revision INTEGER;

ALTER TABLE validation_results ADD COLUMN content_hash VARCHAR(64);

ALTER TABLE validation_results ADD COLUMN violations TEXT DEFAULT '[]' NOT NULL;

CREATE TABLE export_requests (
    request_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session_key VARCHAR(64) NOT NULL,
    requested_at VARCHAR(32) NOT NULL,
    requested_by TEXT NOT NULL,
    started_at VARCHAR(32),
    CONSTRAINT fk_export_requests_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

CREATE INDEX ix_export_requests_session_key ON export_requests (session_key);

ALTER TABLE sessions ADD COLUMN content_version INTEGER DEFAULT '0' NOT NULL;

ALTER TABLE validations ADD COLUMN content_version INTEGER;

ALTER TABLE validations ADD COLUMN rendering VARCHAR(64);

ALTER TABLE revisions ADD COLUMN fallback_reason TEXT DEFAULT '' NOT NULL;

ALTER TABLE revisions ADD COLUMN suggestions TEXT DEFAULT '[]' NOT NULL;

CREATE TABLE written_answers (
    answer_key VARCHAR(64) NOT NULL,
    writer TEXT NOT NULL,
    answer_json TEXT NOT NULL,
    fallback_reason TEXT NOT NULL,
    at VARCHAR(32) NOT NULL,
    last_used_at VARCHAR(32) NOT NULL,
    CONSTRAINT pk_written_answers PRIMARY KEY (answer_key)
);

CREATE INDEX ix_written_answers_last_used_at ON written_answers (last_used_at);

CREATE TABLE model_requests (
    request_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session_key VARCHAR(64) NOT NULL,
    group_key TEXT NOT NULL,
    model TEXT NOT NULL,
    outcome VARCHAR(64) NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    cost_pico_usd BIGINT,
    seconds FLOAT NOT NULL,
    at VARCHAR(32) NOT NULL,
    CONSTRAINT fk_model_requests_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

CREATE INDEX ix_model_requests_session_key ON model_requests (session_key);

ALTER TABLE sessions ADD COLUMN writer TEXT;

ALTER TABLE tickets ADD COLUMN withdrawal VARCHAR(64);

ALTER TABLE tickets ADD COLUMN withdrawn_by TEXT;

ALTER TABLE tickets ADD COLUMN withdrawal_reason TEXT DEFAULT '' NOT NULL;

ALTER TABLE tickets DROP COLUMN is_withdrawn;

CREATE TABLE retries (
    session_key VARCHAR(64) NOT NULL,
    what VARCHAR(64) NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_retries PRIMARY KEY (session_key, what),
    CONSTRAINT fk_retries_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

DROP TABLE export_retries;

ALTER TABLE sessions ADD COLUMN progress_details TEXT;

CREATE TABLE comparisons (
    session_key VARCHAR(64) NOT NULL,
    target_id VARCHAR(255) NOT NULL,
    compared_at VARCHAR(32) NOT NULL,
    confirmed INTEGER NOT NULL,
    findings TEXT NOT NULL,
    CONSTRAINT pk_comparisons PRIMARY KEY (session_key),
    CONSTRAINT fk_comparisons_session_key_sessions FOREIGN KEY(session_key) REFERENCES sessions (session_key) ON DELETE CASCADE
);

ALTER TABLE sessions ADD COLUMN as_new TEXT DEFAULT '[]' NOT NULL;
