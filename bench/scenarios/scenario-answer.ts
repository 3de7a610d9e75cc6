/** A chat message as it arrives at the model's port. */
export interface ChatMessage {
  role: string;
  content: string;
  /** Calls that an assistant message made. */
  toolCalls: { name: string; args: Record<string, unknown> }[];
}

/** What the scripted model says, and how long it takes. */
export interface ScenarioAnswer {
  content: { kind: 'text'; text: string } | { kind: 'call'; tool: string; args: Record<string, unknown> };
  /** Milliseconds until the first token. */
  firstTokenMs: number;
  /** Milliseconds from the first token to the last. */
  streamMs: number;
}

export function textAnswer(text: string, firstTokenMs: number, streamMs: number): ScenarioAnswer {
  return { content: { kind: 'text', text }, firstTokenMs, streamMs };
}

export function jsonAnswer(value: unknown, firstTokenMs: number, streamMs: number): ScenarioAnswer {
  return textAnswer(JSON.stringify(value), firstTokenMs, streamMs);
}
