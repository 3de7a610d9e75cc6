import type { ConnectionLike, Headers, WorkflowClientInterceptor } from '@temporalio/client';
import { withHeader } from '../runtime/header';
import { CONTROL_WORKFLOW_ID } from '../runtime/protocol';
import type { CancellationCheck } from './cancellation-check';
import { pipelineSettings, type Strict } from './pipeline-settings';
import type { Policy } from './policy-file';
import type { SearchAttributeCheck } from './search-attributes';

/** Lets each pipeline start with its settings, so that it need not look them up. */
export function clientInterceptor(options: {
  policy: Policy;
  strict: Strict;
  check: SearchAttributeCheck;
  cancellation: CancellationCheck;
  connection: ConnectionLike;
  namespace: string;
}): WorkflowClientInterceptor {
  const { policy, strict, check, cancellation, connection, namespace } = options;
  const withSettings = async (headers: Headers, workflowType: string, workflowId: string): Promise<Headers> => {
    if (workflowId === CONTROL_WORKFLOW_ID) return headers;
    const [searchAttributes, mode] = await Promise.all([
      check.ask(connection, namespace),
      // What runs elsewhere is not known here; a worker reports to the server unless it is told not to.
      cancellation.ask(connection, namespace, { workerBeats: true }),
    ]);
    return withHeader(
      headers,
      pipelineSettings(policy, workflowType, { searchAttributes, strict, cancellation: mode }),
    );
  };
  return {
    async startWithDetails(input, next) {
      const headers = await withSettings(input.headers, input.workflowType, input.options.workflowId);
      return next({ ...input, headers });
    },
    async signalWithStart(input, next) {
      const headers = await withSettings(input.headers, input.workflowType, input.options.workflowId);
      return next({ ...input, headers });
    },
    async startUpdateWithStart(input, next) {
      const { workflowStartHeaders, workflowType, workflowStartOptions } = input;
      const headers = await withSettings(workflowStartHeaders, workflowType, workflowStartOptions.workflowId);
      return next({ ...input, workflowStartHeaders: headers });
    },
  };
}
