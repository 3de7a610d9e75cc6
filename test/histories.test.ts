import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { replayOptions } from './support/scripted-worker';

const FOLDER = join(__dirname, 'histories');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

test('there are recorded histories to hold the runtime to', () => {
  expect(files.length).toBeGreaterThanOrEqual(20);
});

test.each(files)('the runtime still gives the commands of %s', async (name) => {
  const history: unknown = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  await expect(Worker.runReplayHistory(await replayOptions(), history)).resolves.toBeUndefined();
});

test('a history that does not belong to the code is refused, so that this test can fail', async () => {
  const texts = files.map((name) => readFileSync(join(FOLDER, name), 'utf8'));
  const launched = texts.find((text) => text.includes('"spec-1"')) ?? '';
  const history: unknown = JSON.parse(launched.replaceAll('"spec-1"', '"spec-7"'));
  await expect(Worker.runReplayHistory(await replayOptions(), history)).rejects.toThrow(/TMPRL1100/);
});
