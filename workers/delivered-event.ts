/** What one frame of the Responses API says, read independently of whoever else reads it. */
export interface DeliveredEvent {
  id: string | null;
  text: string;
  /** By place in the output. A name comes at the beginning, and with the whole. */
  call: { place: number; name?: string; delta?: string; whole?: string } | null;
  /** As it came; null where the frame has none. */
  usage: Readonly<Record<string, unknown>> | null;
  /** Whether the model says that it is done. */
  finished: boolean;
}

/** Null for a frame of anything else. */
export function deliveredEvent(frame: unknown): DeliveredEvent | null {
  if (!isRecord(frame)) return null;
  const { type } = frame;
  // A response that does not stream is one document.
  if (frame['object'] === 'response') return wholeResponse(frame);
  if (typeof type !== 'string' || !type.startsWith('response.')) return null;
  const response = isRecord(frame['response']) ? frame['response'] : {};
  const item = isRecord(frame['item']) && frame['item']['type'] === 'function_call' ? frame['item'] : null;
  const place = typeof frame['output_index'] === 'number' ? frame['output_index'] : 0;
  const delta = textOf(frame['delta']);
  return {
    id: typeof response['id'] === 'string' ? response['id'] : null,
    text: type === 'response.output_text.delta' ? delta : '',
    call:
      item !== null
        ? { place, name: textOf(item['name']), whole: textOf(item['arguments']) }
        : type === 'response.function_call_arguments.delta'
          ? { place, delta }
          : null,
    usage: isRecord(response['usage']) ? response['usage'] : null,
    finished: type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed',
  };
}

function wholeResponse(response: Record<string, unknown>): DeliveredEvent {
  const parts = (Array.isArray(response['output']) ? (response['output'] as unknown[]) : [])
    .filter(isRecord)
    .flatMap(({ content }) => (Array.isArray(content) ? (content as unknown[]) : []));
  return {
    id: typeof response['id'] === 'string' ? response['id'] : null,
    text: parts.map((part) => (isRecord(part) ? textOf(part['text']) : '')).join(''),
    call: null,
    usage: isRecord(response['usage']) ? response['usage'] : null,
    finished: true,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
