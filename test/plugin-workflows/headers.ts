import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { HEADER, type ActivityHeader } from '../../speculation/runtime/protocol';

/** Marks activities as the runtime would, by the prefix of their id, and leaves their results as the worker sent them. */
export function interceptors(): WorkflowInterceptors {
  return {
    outbound: [
      {
        scheduleActivity: (input, next) => {
          const id = input.options.activityId ?? '';
          if (id.startsWith('bare-')) return next(input);
          const header: ActivityHeader = {
            version: 1,
            pipeline: 'callRaw',
            launch: id.startsWith('spec-'),
            forecastFor: id.startsWith('forecast-') ? 'classify' : null,
          };
          return next({ ...input, headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(header) } });
        },
      },
    ],
  };
}
