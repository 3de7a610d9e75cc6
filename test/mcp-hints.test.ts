import type { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import fc from 'fast-check';
import { checkAdmissible, type AdmissibilityReason } from '../speculation/decision/admissibility';
import { emptyControlState } from '../speculation/estimate/control-state';
import { definePolicy, PolicyError, type OperationInput, type Policy } from '../speculation/plugin';
import { activityInterceptor } from '../speculation/plugin/activity-interceptor';
import { briefingFor } from '../speculation/plugin/briefing';
import { HEADER } from '../speculation/runtime/protocol';

const cost = { kind: 'fixed' as const, usd: 0.01 };

function policyWith(tool: OperationInput): Policy {
  return definePolicy({ activities: { classify: { effect: 'none', cost }, tool } });
}

function declared(tool: OperationInput): { effect: string; disclosure: string; reason: AdmissibilityReason } {
  const operation = policyWith(tool).operations.get('tool')!;
  return { effect: operation.effect, disclosure: operation.disclosure, reason: checkAdmissible(operation).reason };
}

function refusal(tool: unknown): PolicyError {
  try {
    policyWith(tool as OperationInput);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('the policy was accepted');
}

const closed = { openWorldHint: false };

describe('the hints of an MCP tool', () => {
  test.each<[OperationInput, string, string, AdmissibilityReason]>([
    [{ hints: {} }, 'irreversible', 'private', 'irreversible'],
    [{ hints: { title: 'Search' } }, 'irreversible', 'private', 'irreversible'],
    [{ hints: closed }, 'irreversible', 'public', 'irreversible'],
    [{ hints: { readOnlyHint: true } }, 'none', 'private', 'private'],
    [{ hints: { readOnlyHint: true, ...closed } }, 'none', 'public', 'hint-is-no-proof'],
    [{ hints: { readOnlyHint: true, idempotentHint: false, ...closed } }, 'none', 'public', 'hint-is-no-proof'],
    [{ hints: { readOnlyHint: true, destructiveHint: undefined, ...closed } }, 'none', 'public', 'hint-is-no-proof'],
    [{ hints: { idempotentHint: true, ...closed } }, 'irreversible', 'public', 'irreversible'],
    [{ hints: { idempotentHint: true, destructiveHint: true, ...closed } }, 'irreversible', 'public', 'irreversible'],
    [{ hints: { destructiveHint: false, ...closed } }, 'irreversible', 'public', 'irreversible'],
    [
      { hints: { idempotentHint: true, destructiveHint: false, ...closed } },
      'idempotent',
      'public',
      'idempotent-not-abandonable',
    ],
    [
      { hints: { idempotentHint: true, destructiveHint: false, ...closed }, abandonSafe: true },
      'idempotent',
      'public',
      'hint-is-no-proof',
    ],
  ])('%j read as %s and %s: %s', (tool, effect, disclosure, reason) => {
    expect(declared(tool)).toEqual({ effect, disclosure, reason });
  });

  test.each<[OperationInput, string, string, AdmissibilityReason]>([
    [{ hints: { readOnlyHint: true }, effect: 'irreversible' }, 'irreversible', 'private', 'irreversible'],
    [{ hints: {}, effect: 'none', cost }, 'none', 'private', 'private'],
    [{ hints: {}, effect: 'none', disclosure: 'public', cost }, 'none', 'public', 'admissible'],
    [{ hints: closed, effect: 'none', cost }, 'none', 'public', 'admissible'],
    [{ hints: { readOnlyHint: true }, disclosure: 'public' }, 'none', 'public', 'hint-is-no-proof'],
    [{ hints: { readOnlyHint: true, ...closed }, disclosure: 'private' }, 'none', 'private', 'private'],
    [{ hints: { readOnlyHint: true, ...closed }, trustHints: true, cost }, 'none', 'public', 'admissible'],
    [{ hints: { readOnlyHint: true }, trustHints: true }, 'none', 'private', 'private'],
    [{ hints: {}, trustHints: true }, 'irreversible', 'private', 'irreversible'],
    [{ hints: { readOnlyHint: true, ...closed }, trustHints: false }, 'none', 'public', 'hint-is-no-proof'],
  ])('yield to what the owner says: %j is %s and %s: %s', (tool, effect, disclosure, reason) => {
    expect(declared(tool)).toEqual({ effect, disclosure, reason });
  });

  test('never let a tool be launched early that its owner does not vouch for, whatever they are', () => {
    const hint = fc.constantFrom(true, false, undefined);
    const hints = fc.record({ readOnlyHint: hint, idempotentHint: hint, destructiveHint: hint, openWorldHint: hint });
    const owner = fc.record(
      { disclosure: fc.constantFrom('public' as const, 'private' as const), abandonSafe: fc.boolean() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(hints, owner, (said, more) => {
        fc.pre(!(said.readOnlyHint === true && said.destructiveHint === true));
        expect(declared({ hints: said, ...more, cost }).reason).not.toBe('admissible');
      }),
    );
  });

  test('that are trusted need a price, like what the owner declares', () => {
    expect(refusal({ hints: { readOnlyHint: true, ...closed }, trustHints: true })).toMatchObject({
      code: 'POLICY_INVALID',
      field: 'activities.tool.cost',
    });
  });

  test.each<[string, unknown, string, string, RegExp]>([
    [
      'that contradict each other',
      { hints: { readOnlyHint: true, destructiveHint: true } },
      'POLICY_HINTS_CONTRADICT',
      'hints',
      /contradict each other .*find out which is true/,
    ],
    [
      'that contradict each other, although the owner says the effect',
      { hints: { readOnlyHint: true, destructiveHint: true }, effect: 'none', cost },
      'POLICY_HINTS_CONTRADICT',
      'hints',
      /contradict each other/,
    ],
    [
      'that are no truth values',
      { hints: { readOnlyHint: 'yes' } },
      'POLICY_INVALID',
      'hints.readOnlyHint',
      /true or false/,
    ],
    [
      'that are not there but trusted',
      { effect: 'none', cost, trustHints: true },
      'POLICY_INVALID',
      'trustHints',
      /no hints/,
    ],
    ['that are missing, like the effect', { cost }, 'POLICY_INVALID', 'effect', /is missing .*MCP tool/],
  ])('%s are refused', (_what, tool, code, field, message) => {
    const error = refusal(tool);
    expect(error).toMatchObject({ code, field: `activities.tool.${field}` });
    expect(error.message).toMatch(message);
  });

  test('do not make a draft', () => {
    const hinted = { hints: { readOnlyHint: true, ...closed }, cost };
    const withDraft = (draft: OperationInput): Policy =>
      definePolicy({
        activities: { draft, answer: { effect: 'none', cost, forecast: [{ kind: 'draft', activity: 'draft' }] } },
      });
    expect(() => withDraft(hinted)).toThrow(/has hints only .*said by its owner/);
    expect(() => withDraft({ ...hinted, trustHints: true })).not.toThrow();
  });

  test('are said in the briefing of a pipeline, and nothing else of a tool that is never launched', () => {
    const request = { pipeline: 'support', activityType: 'classify', args: [] };
    const tool = (input: OperationInput) =>
      briefingFor(request, policyWith(input), emptyControlState(), () => undefined).downstream['tool'];
    const hints = { readOnlyHint: true, ...closed };
    expect(tool({ hints, cost, expectedSeconds: 3 })).toEqual({
      effect: 'none',
      disclosure: 'public',
      abandonSafe: false,
      hinted: true,
      latencySeconds: [],
      cost: { kind: 'fixed', usd: 0 },
      observed: {},
    });
    const trusted = tool({ hints, trustHints: true, cost, expectedSeconds: 3 });
    expect(trusted).toMatchObject({ effect: 'none', cost: { kind: 'fixed', usd: 0.01 } });
    expect(trusted).not.toHaveProperty('hinted');
    expect(tool({ hints: { idempotentHint: true, destructiveHint: false, ...closed }, cost })).toMatchObject({
      effect: 'idempotent',
      hinted: true,
    });
  });

  test('do not let the worker run a launch that a pipeline asks for', () => {
    const launch = (tool: OperationInput): (() => unknown) => {
      const interceptor = activityInterceptor({
        policy: policyWith(tool),
        report: () => undefined,
        fitsInJson: () => true,
        canWrapResult: () => true,
        launchBeatMs: 1_000,
        warnOnce: () => undefined,
      })({ info: { activityType: 'tool', isLocal: false } } as unknown as Context);
      const headers = { [HEADER]: defaultPayloadConverter.toPayload({ version: 1, launch: true }) };
      return () => interceptor.inbound!.execute!({ args: [], headers }, async () => 'done');
    };
    expect(launch({ hints: { readOnlyHint: true, ...closed } })).toThrow(
      expect.objectContaining({
        type: 'RunaheadRefused',
        message: expect.stringContaining('hint-is-no-proof'),
      }) as Error,
    );
  });
});
