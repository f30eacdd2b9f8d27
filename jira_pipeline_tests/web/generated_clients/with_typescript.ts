// Drives the API with openapi-fetch and the types that openapi-typescript made; started by a test.
// Its arguments: the address, a token, the folder of the sheets.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import createClient from 'openapi-fetch';
import type { paths } from './made_types.js';

const [baseUrl, token, folder] = process.argv.slice(2) as [string, string, string];
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const key = 'from_typescript';
const path = { key };

function found<T>(answer: { data?: T; error?: unknown }): T {
  assert.ok(answer.data !== undefined, JSON.stringify(answer.error));
  return answer.data;
}

const files = readdirSync(folder)
  .sort()
  .map((name) => new File([readFileSync(join(folder, name))], name));
const preview = found(
  await api.POST('/api/sessions/{key}/uploads', {
    params: { path, header: { 'Idempotency-Key': 'sheets-ts' } },
    body: { files },
    bodySerializer: (body) => {
      const form = new FormData();
      body.files.forEach((file) => form.append('files', file));
      return form;
    },
  }),
);
assert.ok(preview.is_new);
const taken = { params: { path: { key, upload_id: preview.upload_id } } };
found(await api.POST('/api/sessions/{key}/uploads/{upload_id}/take', taken));
found(await api.POST('/api/sessions/{key}/generate', { params: { path } }));
const written = found(await api.GET('/api/sessions/{key}/processing/status', { params: { path } }));
assert.equal(written.status, 'completed');

const query = { open: true };
const asked = found(await api.GET('/api/sessions/{key}/questions', { params: { path, query } }));
const answers = [{ place: asked.questions[0]!.place, answer: 'Editors only' }];
const kept = found(
  await api.POST('/api/sessions/{key}/questions/answers', {
    params: { path },
    body: { answers, accept: [], only: false },
  }),
);
assert.deepEqual([kept.kept, kept.open], [1, asked.open - 1]);

const ticket = { path: { key, number: 1 } };
const shown = await api.GET('/api/sessions/{key}/tickets/{number}', { params: ticket });
const edited = found(
  await api.PATCH('/api/sessions/{key}/tickets/{number}', {
    params: { ...ticket, header: { 'if-match': shown.response.headers.get('etag')! } },
    body: { parts: { notes: { markdown: 'Ask the **museum** first.' } } },
  }),
);
assert.ok(edited.changed);
const stale = await api.POST('/api/jira/export-session/{key}', { params: { path } });
assert.deepEqual([stale.error!.status, stale.error!.code], [409, 'stale']);

found(await api.POST('/api/sessions/{key}/validate', { params: { path } }));
const marked = found(await api.POST('/api/sessions/{key}/tickets/ready', { params: { path } }));
assert.equal(marked.changed, preview.tickets);
const plan = found(await api.GET('/api/sessions/{key}/export/plan', { params: { path } }));
assert.deepEqual([plan.create.length, plan.blocked], [preview.tickets, null]);

const once = { params: { path, header: { 'Idempotency-Key': 'release-ts' } } };
const started = found(await api.POST('/api/jira/export-session/{key}', once));
const ended = found(await api.GET('/api/jira/export-status/{key}', { params: { path } }));
assert.ok(ended.status === 'completed', ended.status);
assert.equal(ended.task_id, started.task_id);
const results = found(await api.GET('/api/jira/export-results/{key}', { params: { path } }));
assert.equal(results.total_tickets_created, preview.tickets);
assert.equal(ended.jira_tickets_created, preview.tickets);
assert.ok(results.jira_tickets.every((issue) => issue.jira_key));
