import { sumUsd } from '../speculation/ledger/price-usage';
import fc from 'fast-check';
import { makeRoom } from '../speculation/estimate/carry-room';
import { DEFAULT_KNOB } from '../speculation/decision/knob';
import {
  applyObservations,
  changeKnob,
  effectiveKnob,
  emptyControlState,
  InvalidControlStateError,
  parseControlState,
  type ControlState,
} from '../speculation/estimate/control-state';
import { latencyQuantile } from '../speculation/estimate/latency-histogram';
import { answerSeconds } from '../speculation/estimate/model-speed';
import type {
  EdgeObservation,
  OperationBill,
  Observation,
  OperationObservation,
  UnresolvedOperations,
} from '../speculation/estimate/observation';
import { topForecasts } from '../speculation/forecast/history-table';

const TOKENS = { inputTokens: 100, cachedInputTokens: 0, outputTokens: 20 };

describe('the control state', () => {
  it('learns latency, tokens and cost from successful attempts and counts the others', () => {
    const state = emptyControlState();
    const learned = applyObservations(state, [
      attempt({ id: '1', latencySeconds: 2, costUsd: '0.01' }),
      attempt({ id: '2', latencySeconds: 2, costUsd: '0.03' }),
      attempt({ id: '3', latencySeconds: 90, costUsd: '5', succeeded: false }),
    ]);
    const { latency, ...classify } = state.operations['classify']!;
    expect(learned).toBe(3);
    expect(classify).toMatchObject({ count: 2, failures: 1, tokens: { count: 2, mean: { outputTokens: 20 } } });
    expect(classify.costUsdSum).toBeCloseTo(0.04, 12);
    expect(latencyQuantile(latency, 1)).toBeCloseTo(2, 0);
  });

  it('learns the speed of a model across operations, from successful attempts that made one call', () => {
    const state = emptyControlState();
    const call = { model: 'small', tokens: { ...TOKENS, outputTokens: 100 }, latencySeconds: 2 };
    applyObservations(state, [
      attempt({ id: '1', ...call }),
      attempt({ id: '2', ...call, operation: 'draft' }),
      attempt({ id: '3', ...call, latencySeconds: 900, succeeded: false }),
      attempt({ id: '4' }),
    ]);
    expect(Object.keys(state.models ?? {})).toEqual(['small']);
    expect(answerSeconds(state.models!['small']!, 100)).toBeCloseTo(2, 0);
    expect(state.models!['small']).toMatchObject({ 4: { count: 2 } });
    expect(parseControlState(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(() => parseControlState({ ...state, models: [] })).toThrow(InvalidControlStateError);
  });

  it('files outputs for forecasts, but not those of failures or without a context', () => {
    const state = emptyControlState();
    applyObservations(state, [
      attempt({ id: '1' }),
      attempt({ id: '2', succeeded: false, output: 'no' }),
      attempt({ id: '3', contextKey: null, output: 'no' }),
    ]);
    expect(topForecasts(state.history['classify']!, 'tenant', 5)).toEqual([
      expect.objectContaining({ value: 'billing', counts: { hits: 1, total: 1 } }),
    ]);
  });

  it('counts what became of forecasts by edge, source and rank', () => {
    const state = emptyControlState();
    applyObservations(state, [edge('1', true), edge('2', true), edge('3', false), { ...edge('4', true), rank: 1 }]);
    expect(state.edges).toEqual({
      'classify>draft': { 'history#0': { successes: 2, failures: 1 }, 'history#1': { successes: 1, failures: 0 } },
    });
  });

  it('ends up the same however often and in whatever order observations arrive', () => {
    const observations: Observation[] = [
      ...Array.from({ length: 6 }, (_, index) => attempt({ id: `attempt ${index}` })),
      ...Array.from({ length: 6 }, (_, index) => edge(`edge ${index}`, index % 2 === 0)),
      ...Array.from({ length: 4 }, (_, index) => bill(`spec-${index}`, index === 3)),
      unresolved('spec-0', 'spec-1'),
    ];
    const reference = emptyControlState();
    expect(applyObservations(reference, observations)).toBe(observations.length);
    const delivery = fc
      .shuffledSubarray(observations, { minLength: observations.length })
      .chain((once) => fc.tuple(fc.constant(once), fc.array(fc.constantFrom(...observations), { maxLength: 20 })));
    fc.assert(
      fc.property(delivery, fc.integer({ min: 1, max: 5 }), ([once, again], batchSize) => {
        const state = emptyControlState();
        const deliveries = [...again.slice(0, 10), ...once, ...again.slice(10)];
        let fresh = 0;
        for (let start = 0; start < deliveries.length; start += batchSize) {
          fresh += applyObservations(state, deliveries.slice(start, start + batchSize));
          if (start % 3 === 0) Object.assign(state, parseControlState(JSON.parse(JSON.stringify(state))));
        }
        expect(fresh).toBe(observations.length);
        expect(withoutOrder(state)).toEqual(withoutOrder(reference));
      }),
    );
  });

  it('remembers at least the latest 10,000 ids', () => {
    const state = emptyControlState();
    const once = Array.from({ length: 10_001 }, (_, index) => edge(`id ${index}`, true));
    expect(applyObservations(state, once)).toBe(10_001);
    expect(applyObservations(state, once.slice(1))).toBe(0);
  });

  it.each<[what: string, observation: unknown]>([
    ['null', null],
    ['a text', 'observation'],
    ['no kind', { id: '1' }],
    ['an unknown kind', { ...edge('1', true), kind: 'gossip' }],
    ['an empty id', edge('', true)],
    ['a negative latency', attempt({ id: '1', latencySeconds: -1 })],
    ['a latency that is no number', { ...attempt({ id: '1' }), latencySeconds: '2' }],
    ['missing tokens', { ...attempt({ id: '1' }), tokens: {} }],
    ['negative cache writes', attempt({ id: '1', tokens: { ...TOKENS, cacheWriteTokens: -1 } })],
    [
      'rejected predictions that are no number',
      attempt({ id: '1', tokens: { ...TOKENS, rejectedPredictionTokens: NaN } }),
    ],
    ['a model without a name', attempt({ id: '1', model: '' })],
    ['a cost that is no amount', attempt({ id: '1', costUsd: 'NaN' })],
    ['an unknown source', { ...edge('1', true), source: 'oracle' }],
    ['half a rank', { ...edge('1', true), rank: 0.5 }],
    ['usage that is no list', { ...bill('spec-1', true), usage: 'all of it' }],
    ['a bill without dollars', { ...bill('spec-1', true), usage: [{ estimated: false }] }],
    ['activity ids that are no list', { ...unresolved(), activityIds: 7 }],
  ])('skips and counts %s', (_, observation) => {
    const state = emptyControlState();
    expect(applyObservations(state, [observation as Observation, edge('good', true)])).toBe(1);
    expect(state.rejected).toBe(1);
  });

  it('never throws, whatever a signal carries', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true });
    const broken = fc
      .tuple(
        fc.constantFrom<Observation>(attempt({ id: 'a' }), edge('e', true), bill('b', false), unresolved('u')),
        fc.dictionary(
          fc.constantFrom('id', 'operation', 'output', 'tokens', 'usage', 'upstream', 'contextKey', 'activityIds'),
          anything,
        ),
      )
      .map(([observation, change]) => ({ ...observation, ...change }));
    fc.assert(
      fc.property(fc.oneof(anything, fc.array(fc.oneof(anything, broken))), (garbage) => {
        const state = emptyControlState();
        applyObservations(state, garbage as Observation[]);
        expect(parseControlState(JSON.parse(JSON.stringify(state)))).toEqual(state);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes hostile names for names', () => {
    const state = emptyControlState();
    for (const operation of ['__proto__', 'constructor']) {
      applyObservations(state, [
        attempt({ id: operation, operation }),
        { ...edge(`e ${operation}`, true), upstream: operation },
      ]);
      changeKnob(state, { pipeline: operation, change: { alpha: 1 } });
    }
    expect(Object.keys(state.operations)).toEqual(['__proto__', 'constructor']);
    expect(effectiveKnob(state, '__proto__').alpha).toBe(1);
    expect(effectiveKnob(state, 'toString')).toEqual(DEFAULT_KNOB);
  });

  it('fits into one Temporal payload when everything that is bounded is full', () => {
    const state = emptyControlState();
    const runId = '01234567-89ab-cdef-0123-456789abcdef';
    const long = 'w'.repeat(80);
    for (let index = 0; index < 21_000; index++) {
      const id = `${runId}/${index}`;
      const activityId = `spec-${index}`;
      const observations: Observation[] = [
        attempt({
          id,
          operation: `operation-${index % 12}`,
          contextKey: `context "${index % 1_500}"`,
          output: { text: `"${'é'.repeat(index % 400)}"` },
        }),
      ];
      if (index % 2 === 0) {
        observations.push({ ...bill(activityId, false), runId, workflowId: long, id: `${id}/bill` });
        observations.push({ ...bill(activityId, true), runId: 'gone', workflowId: long, id: `${id}/gone` });
        observations.push({ ...unresolved(activityId), runId: 'left', id: `${id}/left` });
      }
      applyObservations(state, observations);
    }
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(2_000_000);
    expect(Buffer.byteLength(JSON.stringify(state))).toBeGreaterThan(800_000);
  });
});

describe('late bills', () => {
  it.each<[order: string, observations: Observation[]]>([
    ['the bill first', [bill('spec-1', false), unresolved('spec-1')]],
    ['the report first', [unresolved('spec-1'), bill('spec-1', false)]],
    ['the pipeline known to be gone', [bill('spec-1', true)]],
    ['first taken for open, then known to be gone', [bill('spec-1', false), bill('spec-1', true)]],
    [
      'everything twice under other ids',
      [
        bill('spec-1', false),
        unresolved('spec-1'),
        { ...bill('spec-1', true), id: 'again' },
        { ...unresolved('spec-1'), id: 'and again' },
        { ...bill('spec-1', false), id: 'and once more' },
      ],
    ],
  ])('are booked exactly once: %s', (_, observations) => {
    const state = emptyControlState();
    for (const observation of observations) applyObservations(state, [observation]);
    expect(state.lateBills).toEqual({
      totalUsd: '0.3',
      count: 1,
      recent: [{ workflowId: 'w1', operation: 'draft', costUsd: '0.3', estimated: true, requests: REQUESTS }],
    });
  });

  it.each([
    ['before the pipeline is known to be gone', [false, false]],
    ['after the first one was booked', [true, true]],
    ['in between', [false, true]],
  ])(
    'of an operation whose attempts report one after the other have all of its cost, when the second comes %s',
    (_, gone) => {
      const state = emptyControlState();
      const first = bill('spec-1', gone[0] === true);
      const second = { ...bill('spec-1', gone[1] === true), id: 'second', usage: [...first.usage, ...first.usage] };
      for (const observation of [first, second, second, unresolved('spec-1')]) applyObservations(state, [observation]);
      expect(state.lateBills.totalUsd).toBe('0.6');
      expect(sumUsd(state.lateBills.recent.map(({ costUsd }) => costUsd))).toBe('0.6');
    },
  );

  it('lose their single requests before anything else when there is no room, as long as they only wait', () => {
    const state = emptyControlState();
    applyObservations(state, [bill('spec-1', false), bill('spec-2', true)]);
    const bytes = makeRoom(state, Number.MAX_SAFE_INTEGER);
    expect(makeRoom(state, bytes - 1)).toBeLessThan(bytes);
    applyObservations(state, [unresolved('spec-1')]);
    expect(state.lateBills.recent.map(({ requests }) => requests)).toEqual([REQUESTS, undefined]);
    expect(state.lateBills).toMatchObject({ totalUsd: '0.6', count: 2 });
  });

  it('are not booked while the pipeline may still book them itself', () => {
    const state = emptyControlState();
    applyObservations(state, [bill('spec-1', false), unresolved('spec-2')]);
    expect(state.lateBills).toEqual({ totalUsd: '0', count: 0, recent: [] });
  });

  it('of thousands of launches are all in the total, and the latest 500 in detail', () => {
    const state = emptyControlState();
    applyObservations(
      state,
      Array.from({ length: 2_000 }, (_, index) => bill(`spec-${index}`, true)),
    );
    expect(state.lateBills).toMatchObject({ totalUsd: '600', count: 2_000 });
    expect(state.lateBills.recent).toHaveLength(500);
  });
});

describe('knobs of the control plane', () => {
  it('apply to all pipelines, and a pipeline’s own setting goes first', () => {
    const state = emptyControlState();
    changeKnob(state, { pipeline: 'autoReply', change: { alpha: 0.9 } });
    changeKnob(state, { pipeline: 'autoReply', change: { budgetUsd: '1' } });
    changeKnob(state, { pipeline: null, change: { alpha: 0.1, enabled: false } });
    expect(effectiveKnob(state, 'autoReply')).toEqual({
      alpha: 0.9,
      lambdaUsdPerSecond: 0.01,
      budgetUsd: '1',
      enabled: false,
    });
    expect(effectiveKnob(state, 'research')).toMatchObject({ alpha: 0.1, budgetUsd: null });
    expect(state.revision).toBe(3);
  });
});

describe('a carried-over state', () => {
  it.each<[state: unknown, message: RegExp]>([
    [undefined, /the argument is undefined and not an object/],
    [{ ...emptyControlState(), schema: 3 }, /schema is 3: a posterior snapshot from another version/],
    [{ ...emptyControlState(), edges: [] }, /edges is no object/],
    [{ ...emptyControlState(), revision: 'x' }, /revision is no whole number/],
    [{ ...emptyControlState(), knobs: {} }, /knobs/],
    [
      { ...emptyControlState(), knobs: { defaults: { ...DEFAULT_KNOB, alpha: 7 }, pipelines: {} } },
      /knobs cannot be used \(knob: alpha is 7/,
    ],
  ])('is refused with a reason: case %#', (state, message) => {
    expect(() => parseControlState(state)).toThrow(InvalidControlStateError);
    expect(() => parseControlState(state)).toThrow(message);
  });
});

function attempt(change: Partial<OperationObservation>): OperationObservation {
  return {
    kind: 'operation',
    id: 'run/1/1',
    pipeline: 'autoReply',
    operation: 'classify',
    contextKey: 'tenant',
    output: 'billing',
    latencySeconds: 1,
    tokens: { inputTokens: 10, cachedInputTokens: 0, outputTokens: 20 },
    costUsd: '0.01',
    succeeded: true,
    ...change,
  };
}

function edge(id: string, success: boolean): EdgeObservation {
  return {
    kind: 'edge',
    id,
    pipeline: 'autoReply',
    upstream: 'classify',
    downstream: 'draft',
    source: 'history',
    rank: 0,
    success,
  };
}

const REQUESTS = [
  ['0.1', false],
  ['0.2', true],
].map(([costUsd, estimated]) => ({
  requestId: 'r',
  model: 'small',
  tokens: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 },
  costUsd,
  estimated,
}));

function bill(activityId: string, workflowGone: boolean): OperationBill {
  const tokens = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
  const record = { requestId: 'r', model: 'small', tokens, rates: null, attempt: 1 };
  return {
    kind: 'bill',
    id: `r1/${activityId}/bill`,
    workflowId: 'w1',
    runId: 'r1',
    activityId,
    operation: 'draft',
    usage: [
      { ...record, costUsd: '0.1', estimated: false },
      { ...record, costUsd: '0.2', estimated: true },
    ],
    workflowGone,
  };
}

function unresolved(...activityIds: string[]): UnresolvedOperations {
  return {
    kind: 'unresolved',
    id: `r1/unresolved/${activityIds.join()}`,
    workflowId: 'w1',
    runId: 'r1',
    activityIds,
  };
}

/** What must not depend on the order of delivery. */
function withoutOrder(state: ControlState): unknown {
  const { operations, edges, lateBills, rejected } = state;
  const { count, failures, latency } = operations['classify']!;
  return { count, failures, latency, edges, rejected, totalUsd: lateBills.totalUsd, bills: lateBills.count };
}
