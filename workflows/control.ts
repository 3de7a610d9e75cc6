import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { parseKnobChange, type Knob, type KnobChange } from '../speculation/decision/knob';
import {
  changeKnob,
  effectiveKnob,
  emptyControlState,
  parseControlState,
  type ControlState,
} from '../speculation/estimate/control-state';
import { makeRoom } from '../speculation/estimate/carry-room';
import { noBillMatching } from '../speculation/estimate/late-bills';
import { receiveObservations } from '../speculation/estimate/observation-batch';
import { highestNumber } from '../speculation/estimate/senders';
import { budgetsForReading } from '../speculation/budget/budget-state';
import { handleBudgets } from './control-budgets';
import { handleCalibration } from './control-calibration';
import { controlDetails } from './control-details';
import { estimatorAnswer } from './control-estimator';
import { CONTROL_QUERY, CONTROL_SIGNAL, CONTROL_UPDATE } from '../speculation/runtime/control-protocol';
import type {
  ControlCarry,
  ControlSnapshotAnswer,
  EstimatorAnswer,
  EstimatorFilter,
  LateBillsAnswer,
} from '../speculation/runtime/control-protocol';

const SIGNALS_PER_RUN = 2000;

/**
 * The memory of a namespace: what operations cost and take, which forecasts come true, and where the dials stand. Workers
 * signal what they saw and read a snapshot; a pipeline never waits for it. It never ends by itself.
 */
export async function runaheadControl(carry: ControlCarry = {}): Promise<void> {
  const state = readState(carry.state);
  const signalsPerRun = carry.signalsPerRun ?? SIGNALS_PER_RUN;
  let ignoredSignals = carry.ignoredSignals ?? 0;
  let signals = 0;

  let shown = false;
  // Once for all messages that come together: the tables take longer than taking in a batch.
  const show = (): void => {
    shown = false;
  };
  const version = (): string => `${workflowInfo().firstExecutionRunId}:${state.revision}`;
  const onSignal = (name: string, handle: () => void): void => {
    signals += 1;
    try {
      handle();
      show();
    } catch (error) {
      // Anybody may signal anything; a signal that makes no sense must not stop the control plane.
      ignoredSignals += 1;
      log.warn(`Ignored a ${name} signal: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const knobOf = (pipeline: string | null): Knob =>
    pipeline === null ? state.knobs.defaults : effectiveKnob(state, pipeline);

  setHandler(defineSignal<[unknown]>(CONTROL_SIGNAL.observe), (batch) => {
    onSignal(CONTROL_SIGNAL.observe, () => {
      receiveObservations(state, batch, Date.now());
    });
  });
  setHandler(defineSignal<[unknown]>(CONTROL_SIGNAL.setKnob), (request) => {
    onSignal(CONTROL_SIGNAL.setKnob, () => {
      changeKnob(state, parseKnobRequest(request));
    });
  });
  setHandler(
    defineUpdate<Knob, [unknown]>(CONTROL_UPDATE.setKnob),
    (request) => {
      const { pipeline, change } = parseKnobRequest(request);
      changeKnob(state, { pipeline, change });
      show();
      return knobOf(pipeline);
    },
    { validator: (request) => void parseKnobRequest(request) },
  );
  setHandler(
    defineQuery<ControlSnapshotAnswer, [since?: string | null]>(CONTROL_QUERY.snapshot),
    (since): ControlSnapshotAnswer => ({
      version: version(),
      // Only the control workflow matches bills; the halves that wait and those that came would be most of the answer.
      state:
        since === version()
          ? null
          : {
              ...state,
              billMatching: noBillMatching(),
              lateBills: { ...state.lateBills, recent: [] },
              ...(state.budgets !== undefined && { budgets: budgetsForReading(state.budgets) }),
            },
    }),
  );
  setHandler(
    defineQuery<EstimatorAnswer, [filter?: EstimatorFilter | null]>(CONTROL_QUERY.estimator),
    (filter): EstimatorAnswer => estimatorAnswer(state, ignoredSignals, filter ?? {}),
  );
  setHandler(defineQuery<Knob, [pipeline?: string | null]>(CONTROL_QUERY.knob), (pipeline) => knobOf(pipeline ?? null));
  setHandler(defineQuery<number, [sender: string]>(CONTROL_QUERY.counted), (sender) =>
    highestNumber(state.senders, sender),
  );
  setHandler(defineQuery<LateBillsAnswer>(CONTROL_QUERY.lateBills), (): LateBillsAnswer => state.lateBills);

  handleBudgets(state, show);
  handleCalibration(state, show);

  const ends = (): boolean => signals >= signalsPerRun || workflowInfo().continueAsNewSuggested;
  while (!ends()) {
    setCurrentDetails(controlDetails(state));
    shown = true;
    await condition(() => !shown || ends());
  }
  await condition(allHandlersFinished);
  makeRoom(state);
  await continueAsNew<typeof runaheadControl>({ ...carry, state, ignoredSignals });
}

function readState(state: unknown): ControlState {
  if (state === undefined || state === null) return emptyControlState();
  try {
    return parseControlState(state);
  } catch (error) {
    log.error(`Starts from nothing: ${error instanceof Error ? error.message : String(error)}`);
    return emptyControlState();
  }
}

/** @throws InvalidKnobError, or TypeError for a pipeline that is no name */
function parseKnobRequest(request: unknown): { pipeline: string | null; change: KnobChange } {
  if (typeof request !== 'object' || request === null) return { pipeline: null, change: parseKnobChange(request) };
  const { pipeline = null, ...change } = request as { pipeline?: unknown };
  if (pipeline !== null && (typeof pipeline !== 'string' || pipeline === '')) {
    throw new TypeError(`knob: pipeline is ${JSON.stringify(pipeline)}; use a workflow type, or null for the default`);
  }
  return { pipeline, change: parseKnobChange(change) };
}
