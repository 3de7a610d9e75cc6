import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { RunaheadClient } from '../client/runahead-client';
import { stageMove, type StageCommand } from '../client/stage-move';
import type { CalibrationReport, EdgeReport } from '../speculation/estimate/calibration-report';
import { calibrationReport } from '../speculation/estimate/calibration-report';
import { emptyControlState, setStage } from '../speculation/estimate/control-state';
import type { CalibrationStage } from '../speculation/estimate/calibration-stage';
import type { Observation } from '../speculation/estimate/observation';
import type { OfflineReplay } from '../speculation/estimate/offline-replay';
import { definePolicy, RunaheadPlugin } from '../speculation/plugin';
import type { LoggedDecision } from '../speculation/runtime/decision-log';
import { CONTROL_WORKFLOW_ID } from '../speculation/runtime/protocol';
import { runahead, runaheadJson } from './support/command-line';
import { useTemporal } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const EDGE = 'classify>answer';

describe('runahead calibration, with pipelines that run', () => {
  // Before the server goes, which is why this comes before it.
  afterAll(async () => {
    worker.shutdown();
    await running;
  });
  const temporal = useTemporal();
  let server: string[];
  let running: Promise<void>;
  let worker: Worker;
  let client: Client;
  let plugin: RunaheadPlugin;
  let taskQueue: string;

  beforeAll(async () => {
    const { connection, nativeConnection, server: at } = await temporal.start();
    server = ['--address', at.address];
    taskQueue = temporal.taskQueue();
    plugin = new RunaheadPlugin({
      logger: new DefaultLogger('ERROR'),
      policy: definePolicy({
        knob: { alpha: 1, lambdaUsdPerSecond: 10 },
        calibration: { gates: { shadow: { observations: 5, calibrationError: 1 } } },
        activities: {
          classify: {
            effect: 'none',
            dependency: { type: 'router_k_way', k: 2 },
            forecast: [{ kind: 'history', top: 1 }],
            cost: { kind: 'fixed', usd: 0 },
            expectedSeconds: 1,
          },
          answer: { effect: 'none', cost: { kind: 'fixed', usd: 0.01 }, expectedSeconds: 1 },
          sendMail: { effect: 'irreversible' },
        },
      }),
    });
    client = new Client({ connection, plugins: [plugin] });
    worker = await Worker.create({
      connection: nativeConnection,
      taskQueue,
      workflowsPath: require.resolve('./plugin-workflows'),
      activities: {
        classify: async () => {
          await Context.current().sleep(300);
          return 'billing';
        },
        answer: async (route: string) => `about ${route}`,
        sendMail: async (reply: string) => `sent ${reply}`,
      },
      plugins: [plugin],
    });
    running = worker.run();
  }, 120_000);
  /** Decisions about the edge. */
  const run = async (): Promise<LoggedDecision[]> => {
    const workflowId = randomUUID();
    await client.workflow.execute('support', { taskQueue, workflowId, args: ['my money'] });
    await plugin.synchronise();
    const decisions = await new RunaheadClient(client).decisions(workflowId);
    return decisions.filter((row) => row.phase === 'launch' && row.downstream === 'answer');
  };
  const reports = async (): Promise<EdgeReport[]> => {
    const { edges } = await runaheadJson<CalibrationReport>('calibration', ...server);
    return edges.filter(({ edge }) => edge === EDGE);
  };
  const move = (...args: string[]): Promise<EdgeReport> => runaheadJson('calibration', ...args, ...server);

  test('shows how forecasts and launches of running pipelines came out', async () => {
    for (let n = 0; n < 5; n++) await run();
    const edges = await untilAnswer(reports, ([known]) => (known?.launches.count ?? 0) >= 2);
    expect(edges).toMatchObject([{ edge: EDGE, stage: 'online', gate: null, transitions: [] }]);
    const [known] = edges;
    expect(known!.launches).toMatchObject({ claimed: known!.launches.count, wasteUsd: 0 });
    expect(known!.launches.realisedUsd).toBeGreaterThan(0);
    expect(known!.forecasts.brier).toBeLessThan(0.3);

    const { output } = await runahead('calibration', ...server);
    expect(output).toMatch(/classify > answer +online +\d+ +0\.\d{3} +0\.\d{3} +\d launches +\$/);
    const detail = await runahead('calibration', '--edge', EDGE, ...server);
    expect(detail.output).toMatch(/0\.\d to \d\.\d +\d+ +0\.\d{3} +1\.000 +#+/);
  });

  test('demotes an edge at once: the next pipeline decides and logs, and launches nothing', async () => {
    const moved = await move('demote', EDGE, '--to', 'shadow', '--reason', 'new prompt', '--by', 'ann');
    expect(moved).toMatchObject({
      stage: 'shadow',
      transitions: [{ from: 'online', by: 'ann', reason: 'new prompt' }],
    });
    await plugin.synchronise();
    const [decision] = await run();
    expect(decision).toMatchObject({
      decision: 'hold',
      reason: 'shadow',
      wanted: true,
      calibration: { stage: 'shadow', launches: false },
    });
    const edges = await untilAnswer(reports, ([known]) => known?.wanted.shadows === 1);
    expect(edges[0]!.wanted.realisedUsd).toBeGreaterThan(0);
  });

  test('promotes only what has shown enough, unless forced', async () => {
    const { exitCode, errors } = await runahead('calibration', 'promote', EDGE, '--reason', 'r', ...server);
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/has not shown enough to leave shadow: launches wanted 1 \(at least 100\).*--force/);
    expect(await move('promote', EDGE, '--to', 'online', '--reason', 'r', '--force')).toMatchObject({
      stage: 'online',
    });
    await plugin.synchronise();
    expect(await run()).toMatchObject([{ decision: 'launch' }]);
  });

  test('puts a killed edge back into the shadow by reset and no other way', async () => {
    const observations: Observation[] = Array.from({ length: 250 }, (_, n) => ({
      kind: 'edge',
      id: `drift/${n}`,
      pipeline: 'support',
      upstream: 'classify',
      downstream: 'answer',
      source: 'history',
      rank: 0,
      success: n < 200,
    }));
    await client.workflow.getHandle(CONTROL_WORKFLOW_ID).signal('observe', observations);
    await plugin.synchronise();
    expect(await run()).toMatchObject([{ decision: 'hold', reason: 'kill-switch' }]);
    const table = await runahead('calibration', ...server);
    expect(table.output).toMatch(/classify > answer +killed .* tripped/);

    const refused = await runahead('calibration', 'promote', EDGE, '--reason', 'r', '--force', ...server);
    expect(refused.errors).toMatch(/was killed. "runahead calibration reset"/);
    expect(await move('reset', EDGE, '--reason', 'fixed')).toMatchObject({ stage: 'shadow', observations: 0 });
    const { output } = await runahead('calibration', '--edge', EDGE, ...server);
    expect(output).toMatch(/online +killed +drift +history#0 came true 0 of \d+ times/);
  });

  test('replays an exported log offline, and promotes what passes and is offline', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'runahead-replay-'));
    try {
      const log = join(folder, 'decisions.jsonl');
      expect((await runahead('decisions', 'export', '--out', log, ...server)).errors).toBe('');
      const replayed = await runaheadJson<OfflineReplay>('calibration', 'replay', log);
      const [answer, sendMail] = replayed.edges;
      expect(answer).toMatchObject({ edge: EDGE, mismatches: 0, unchecked: 0, passes: false });
      // What is never launched is forecast too.
      expect(sendMail).toMatchObject({ edge: 'classify>sendMail', mismatches: 0, wanted: { count: 0 } });
      expect(answer!.observations).toBeGreaterThanOrEqual(5);
      expect(answer!.observations + sendMail!.observations).toBe(replayed.rows);
      expect((await runahead('calibration', 'replay', log)).output).toMatch(/classify > answer .* lacks predictions/);

      const elsewhere = await runahead('calibration', 'replay', log, '--promote', ...server);
      expect(elsewhere.output).toMatch(/classify>answer: stays where it is, shadow/);
      await move('demote', EDGE, '--reason', 'anew');
      const { promotions } = await runaheadJson<{ promotions: unknown[] }>(
        ...['calibration', 'replay', log, '--promote', '--by', 'ann', ...server],
      );
      expect(promotions).toContainEqual({ edge: EDGE, promoted: true, stage: 'shadow' });
      const edges = await reports();
      expect(edges[0]).toMatchObject({ stage: 'shadow' });
      expect(edges[0]!.transitions.at(-1)).toMatchObject({
        from: 'offline',
        by: 'ann',
        reason: /^replay of .*predictions/,
      });

      const rows = (await readFile(log, 'utf8')).trim().split('\n');
      const changed = rows.map((row) => row.replace(/"expectedValueUsd":[^,]+/, '"expectedValueUsd":9'));
      await writeFile(log, `${changed.join('\n')}\n`);
      await appendFile(log, '{"half a row\n');
      const broken = await runahead('calibration', 'replay', log, '--json');
      expect(broken.exitCode).toBe(2);
      expect(broken.errors).toMatch(/1 rows could not be used; the rest was.\n.*row \d+: is no JSON/);
      const { edges: wrong } = JSON.parse(broken.output) as OfflineReplay;
      expect(wrong[0]!.mismatches).toBe(answer!.observations);
      expect(wrong[0]!.passes).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('names the nearest edge for one that there is not', async () => {
    const { exitCode, errors } = await runahead('calibration', 'demote', 'clasify>answer', '--reason', 'r', ...server);
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/Nothing is known of an edge "clasify>answer". Did you mean "classify>answer"/);
  });
});

describe('the stage that a command leads to', () => {
  const at = (stage: CalibrationStage): EdgeReport => {
    const state = emptyControlState();
    setStage(state, { edge: EDGE, stage, reason: 'r', by: 'ann' }, null);
    return calibrationReport(state.calibration).edges[0]!;
  };

  test.each<[StageCommand, CalibrationStage, string | undefined, CalibrationStage]>([
    ['promote', 'offline', undefined, 'shadow'],
    ['promote', 'shadow', undefined, 'canary'],
    ['promote', 'canary', undefined, 'online'],
    ['promote', 'offline', 'online', 'online'],
    ['demote', 'online', undefined, 'canary'],
    ['demote', 'online', 'killed', 'killed'],
    ['demote', 'shadow', undefined, 'offline'],
    ['reset', 'killed', undefined, 'shadow'],
    ['reset', 'online', 'offline', 'offline'],
  ])('of %s from %s (--to %s) is %s', (command, from, to, expected) => {
    expect(stageMove(command, at(from), { to, force: true })).toBe(expected);
  });

  test.each<[StageCommand, CalibrationStage, string | undefined, RegExp]>([
    ['promote', 'online', undefined, /nothing beyond that/],
    ['promote', 'canary', 'shadow', /shadow is no promotion/],
    ['demote', 'canary', 'online', /online is no demotion/],
    ['demote', 'offline', undefined, /To stop it for good, name it: --to killed/],
    ['promote', 'shadow', 'live', /--to live is no stage/],
    ['reset', 'killed', 'online', /A reset leads to shadow or offline/],
    ['demote', 'killed', 'shadow', /was killed/],
  ])('of %s from %s (--to %s) is refused', (command, from, to, message) => {
    expect(() => stageMove(command, at(from), { to, force: true })).toThrow(message);
  });
});
