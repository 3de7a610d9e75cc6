import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { HEADER, type ActivityHeader } from '../../speculation/runtime/protocol';

/** Asks every activity to say what of its output is final, as the runtime would. */
export function interceptors(): WorkflowInterceptors {
  return {
    outbound: [
      {
        scheduleActivity: (input, next) => {
          const header: ActivityHeader = {
            version: 1,
            pipeline: 'listen',
            launch: false,
            forecastFor: null,
            streams: true,
          };
          return next({ ...input, headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(header) } });
        },
      },
    ],
  };
}
