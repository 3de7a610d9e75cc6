import { Context } from '@temporalio/activity';
import type { ControlState } from '../estimate/control-state';
import type { Briefing } from '../forecast/briefing';
import type { CancellationMode } from '../ledger/cancellation-mode';
import { LOOKUP_ACTIVITY, PIPELINE_SETTINGS_ACTIVITY } from '../runtime/protocol';
import type { LookupRequest, PipelineSettings } from '../runtime/protocol';
import { briefingFor } from './briefing';
import { pipelineSettings, type Strict } from './pipeline-settings';
import type { Policy } from './policy-file';
import type { WarnOnce } from './warn-once';

export interface LookupActivities {
  [LOOKUP_ACTIVITY]: (request: LookupRequest) => Promise<Briefing>;
  [PIPELINE_SETTINGS_ACTIVITY]: (request: { pipeline: string }) => Promise<PipelineSettings>;
}

/** The local activities that the runtime calls. They read memory and nothing else: they hold back a workflow task. */
export function lookupActivities(options: {
  policy: Policy;
  /** What is known now. */
  state: () => ControlState;
  /** Whether the namespace has the search attributes, as far as is known now. */
  searchAttributes: () => boolean;
  /** How cancels reach activities, as far as is known now. */
  cancellation?: () => CancellationMode | null;
  strict: Strict;
  warnOnce: WarnOnce;
}): LookupActivities {
  const { policy, state, searchAttributes, cancellation = unknown, strict, warnOnce } = options;
  return {
    [LOOKUP_ACTIVITY]: (request) => {
      const workflowId = Context.current().info.workflowExecution?.workflowId;
      return Promise.resolve(briefingFor(request, policy, state(), warnOnce, workflowId));
    },
    [PIPELINE_SETTINGS_ACTIVITY]: ({ pipeline }) =>
      Promise.resolve(
        pipelineSettings(policy, pipeline, {
          searchAttributes: searchAttributes(),
          strict,
          cancellation: cancellation(),
        }),
      ),
  };
}

function unknown(): null {
  return null;
}
