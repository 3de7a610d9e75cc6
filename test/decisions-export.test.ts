import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDecisionLog } from '../client/decision-log/read-decision-log';
import { runahead } from './support/command-line';
import { withPipeline, type Activities } from './support/scripted-worker';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();
let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'decisions-export-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const step = (name: string) => async (input: string) => `${name} ${input}`;
const ACTIVITIES: Activities = { first: async () => 'head', second: step('second'), third: step('third') };

test('decisions of real pipelines are exported, and every row follows from itself', async () => {
  const running = await temporal.start();
  const server = ['--address', running.server.address];
  const scripts = { first: { forecasts: ['head', 'tail'], downstream: { second: {}, third: {} } } };
  await withPipeline(running, 'branches', ['hello'], ACTIVITIES, { scripts }, async ({ handle }) => {
    await handle.result();
    const { output } = await runahead('decisions', ...server, handle.workflowId);
    expect(output).toMatch(/phase +edge +decision +reason +plan .* came of it/);
    expect(output).toMatch(/launch +first > second +launch +worth-it .* claimed, right/);
    for (const ending of ['jsonl', 'parquet']) {
      const out = join(folder, `log.${ending}`);
      const exported = await runahead(
        'decisions',
        'export',
        ...server,
        '--workflow-id',
        handle.workflowId,
        '--out',
        out,
      );
      expect(exported).toMatchObject({ exitCode: 0, errors: '' });
      expect(exported.output).toBe(`4 decisions of 1/1 pipelines in ${out}\n`);
      const { rows } = await readDecisionLog(out);
      expect(rows).toHaveLength(4);
      expect(rows[0]).toMatchObject({
        schema: 1,
        workflowId: handle.workflowId,
        runId: handle.firstExecutionRunId,
        workflowType: 'branches',
        phase: 'launch',
        outcome: { forecast: 'right' },
      });
      expect(await runahead('audit', out)).toMatchObject({ exitCode: 0 });
    }
  });
});

test('a pipeline that gives no answer is named, the others are exported, and the exit code says so', async () => {
  const running = await temporal.start();
  const server = ['--address', running.server.address];
  const scripts = { first: { forecasts: ['head'], downstream: { second: {} } } };
  await withPipeline(running, 'branches', ['one'], ACTIVITIES, { scripts }, async (answering) => {
    await answering.handle.result();
    // The same function without the runtime knows no such query.
    await withPipeline(running, 'branches', ['two'], ACTIVITIES, { runahead: false }, async (silent) => {
      await silent.handle.result();
      const ids = [answering.handle.workflowId, silent.handle.workflowId];
      const query = ids.map((id) => `WorkflowId = "${id}"`).join(' OR ');
      const out = join(folder, 'partly.jsonl');
      const exported = await runahead('decisions', 'export', ...server, '--query', query, '--out', out);
      expect(exported.exitCode).toBe(1);
      expect(exported.output).toMatch(/^\d decisions of 1\/2 pipelines in /);
      expect(exported.errors).toContain(`${silent.handle.workflowId} gave no answer`);
      expect((await readDecisionLog(out)).rows.length).toBeGreaterThan(0);
    });
  });
});

test('a query that nothing matches, and two ways to name the pipelines, are refused', async () => {
  const running = await temporal.start();
  const server = ['--address', running.server.address];
  const out = ['--out', join(folder, 'nothing.jsonl')];
  const nothing = await runahead('decisions', 'export', ...server, '--workflow-id', 'nobody', ...out);
  expect(nothing).toMatchObject({ exitCode: 1, errors: expect.stringContaining('No pipeline matches') });
  const both = await runahead('decisions', 'export', ...server, '--workflow-id', 'a', '--query', 'b', ...out);
  expect(both).toMatchObject({ exitCode: 1, errors: expect.stringContaining('Name the pipelines once') });
});
