import type { LocalModelReply, LocalModelRequest } from '../../workers/local-model';
import type { ModelOperation, StreamingShape } from './shape';

/** The mind of the local model: which operation asks stands in the first message, its input in the second. */
export function modelScript(shapes: readonly StreamingShape[]): (request: LocalModelRequest) => LocalModelReply {
  const operations = new Map(shapes.flatMap((shape) => Object.entries(shape.operations)));
  return ({ messages }) => {
    const [first, second] = messages;
    const operation = operations.get(first?.content ?? '');
    if (operation?.kind !== 'model' || typeof second?.content !== 'string') {
      throw new Error(`Nobody has said what the answer is to: ${JSON.stringify(messages).slice(0, 200)}`);
    }
    return spoken(operation, JSON.parse(second.content));
  };
}

function spoken(operation: ModelOperation, input: unknown): LocalModelReply {
  const reply = operation.reply(input as never);
  const pace = { ttftMs: reply.firstTokenSeconds * 1000, tokensPerSecond: reply.tokensPerSecond };
  return 'json' in reply ? { ...pace, text: JSON.stringify(reply.json) } : { ...pace, toolCalls: reply.toolCalls };
}
