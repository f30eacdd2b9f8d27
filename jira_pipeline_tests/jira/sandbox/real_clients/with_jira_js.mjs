// Drives a sandbox with `jira.js` from npm; started by a test with the address.
import assert from 'node:assert/strict';
import { AgileClient, Version3Client } from 'jira.js';

const [address] = process.argv.slice(2);
const authentication = { basic: { email: 'owner@sandbox.example', apiToken: 'token' } };
const jira = new Version3Client({ host: address, authentication });
const agile = new AgileClient({ host: address, authentication });
const least = { project: { key: 'SBX' }, issuetype: { name: 'Task' } };
assert.deepEqual((await jira.projects.searchProjects()).values.map((one) => one.key), ['SBX']);

const properties = [{ key: 'jp', value: { a: 1 } }];
const blocker = await jira.issues.createIssue({ fields: { ...least, summary: 'D' }, properties });
const blocked = await jira.issues.createIssue({ fields: { ...least, summary: 'T' } });
const bulk = await jira.issues.createIssues({
  issueUpdates: [{ fields: { ...least, summary: 'C' } }, { fields: { ...least, summary: '' } }],
});
assert.equal(bulk.issues.length, 1);
assert.equal(bulk.errors[0].failedElementNumber, 1);

const ends = { inwardIssue: { key: blocker.key }, outwardIssue: { key: blocked.key } };
await jira.issueLinks.linkIssues({ type: { name: 'Blocks' }, ...ends });
const seen = async (key) => (await jira.issues.getIssue({ issueIdOrKey: key })).fields.issuelinks[0];
const fromBlocked = await seen(blocked.key);
assert.deepEqual([fromBlocked.type.inward, fromBlocked.inwardIssue.key], ['is blocked by', blocker.key]);
const fromBlocker = await seen(blocker.key);
assert.deepEqual([fromBlocker.type.outward, fromBlocker.outwardIssue.key], ['blocks', blocked.key]);

const attachment = { filename: 'a.txt', file: Buffer.from('hello') };
const [file] = await jira.issueAttachments.addAttachment({ issueIdOrKey: blocker.key, attachment });
assert.equal(file.filename, 'a.txt');

const search = { jql: 'project = SBX ORDER BY key', maxResults: 2, fields: ['summary'] };
const page = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost(search);
const rest = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({
  ...search,
  nextPageToken: page.nextPageToken,
});
const summaries = [...page.issues, ...rest.issues].map((one) => one.fields.summary);
assert.deepEqual(summaries, ['D', 'T', 'C']);

const boards = await agile.board.getAllBoards({ projectKeyOrId: 'SBX' });
const sprints = await agile.board.getAllSprints({ boardId: boards.values[0].id, state: 'active' });
await agile.sprint.moveIssuesToSprintAndRank({ sprintId: sprints.values[0].id, issues: [blocker.key] });
const moved = await jira.issues.getIssue({ issueIdOrKey: blocker.key });
assert.equal(moved.fields.customfield_10020[0].name, sprints.values[0].name);

const fetched = await jira.issues.bulkFetchIssues({ issueIdsOrKeys: [blocker.key, 'SBX-999'] });
assert.equal(fetched.issues.length, 1);
await jira.issues.deleteIssue({ issueIdOrKey: blocked.key });
await assert.rejects(jira.issues.getIssue({ issueIdOrKey: blocked.key }));
