import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  ServiceError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { rootCause, WorkflowNotFoundError } from '@temporalio/common';

/** gRPC status codes that say something about the request rather than about the weather. */
const GRPC = { deadlineExceeded: 4, permissionDenied: 7, unavailable: 14, unauthenticated: 16 };

/** What an error of the Temporal client means to the person at the keyboard: one line, without a stack. */
export function explainFailure(error: unknown, address: string, namespace: string): string {
  if (error instanceof WorkflowNotFoundError) {
    return (
      `There is no workflow "${error.workflowId}" in namespace ${namespace} at ${address} that can take this: ` +
      'it never existed, is already closed, or its retention has passed.'
    );
  }
  if (error instanceof QueryNotRegisteredError) {
    return /did not register a handler/i.test(error.message)
      ? 'The workflow does not answer this question: its worker runs without the Runahead plugin.'
      : `The worker could not answer: ${error.message}`;
  }
  if (error instanceof QueryRejectedError) return `The question was rejected: ${error.message}`;
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return noWorker();
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) {
    return rootCause(error.cause) ?? error.message;
  }
  const service = grpcStatusOf(error);
  if (service === null) return error instanceof Error ? error.message : String(error);
  switch (service.code) {
    case GRPC.unavailable:
      return `The Temporal server at ${address} does not answer (${service.details}).`;
    case GRPC.deadlineExceeded:
      return noWorker();
    case GRPC.permissionDenied:
    case GRPC.unauthenticated:
      return `The Temporal server at ${address} refuses access to namespace ${namespace} (${service.details}). Check the API key and TLS settings.`;
    default:
      return `The Temporal server at ${address} answered: ${service.details}`;
  }
}

function noWorker(): string {
  return 'No worker answered in time. Queries and Updates are answered by a worker: is one running on this task queue?';
}

function grpcStatusOf(error: unknown): { code: number; details: string } | null {
  const candidate: unknown = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(candidate) ? { code: candidate.code, details: candidate.details } : null;
}
