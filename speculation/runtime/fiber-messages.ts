import { clonePlain } from '../forecast/canonical-json';
import type { Fiber } from './fiber';
import type { Pipeline, ReceivedMessage } from './pipeline';
import { within } from './run';

/** A signal or update that the pipeline received: fibers that handle it see it too. */
export function receive(pipeline: Pipeline, message: ReceivedMessage): void {
  pipeline.messages.push({ ...message, args: clonePlain(message.args) });
  for (const fiber of pipeline.fibers) if (fiber.live) deliver(fiber, message);
}

/** A fiber sets its handlers when it runs, which may be long after the messages came. */
export function deliverEarlier(pipeline: Pipeline, fiber: Fiber, kind: ReceivedMessage['kind'], name: string): void {
  for (const message of pipeline.messages) {
    if (message.kind === kind && message.name === name) deliver(fiber, message);
  }
}

function deliver(fiber: Fiber, { kind, name, args }: ReceivedMessage): void {
  const handlers = kind === 'signal' ? fiber.signalHandlers : fiber.updateHandlers;
  const handler = handlers.get(name);
  if (handler === undefined) return;
  const failed = (): void => fiber.end();
  try {
    const answer = within(fiber.handlerRun(), () => handler(...clonePlain(args)));
    Promise.resolve(answer).catch(failed);
  } catch {
    failed();
  }
}
