import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { shownValue } from '../../speculation/decision/shown-value';
import { TraceError } from './trace-error';

export { toSession } from './session';

const user = z.object({ role: z.literal('user'), content: z.string() });
const tool = z.object({ role: z.literal('tool'), name: z.string().min(1), content: z.string() });
const said = z.object({ role: z.literal('assistant'), content: z.string() });
const called = z.object({
  role: z.literal('assistant'),
  call: z.string().min(1),
  args: z.record(z.string(), z.unknown()),
});
const conversation = z.object({
  task_id: z.int().nonnegative(),
  trial: z.int().nonnegative(),
  reward: z.number(),
  steps: z.array(z.unknown()).min(1),
});

export type ConversationStep = z.infer<typeof user | typeof tool | typeof said | typeof called>;

/** A recorded conversation of an agent with tools, as tau-bench records it. */
export interface Conversation {
  /** `airline/TASK/TRIAL`, as the scenarios of this project name it. */
  scenarioId: string;
  task: number;
  trial: number;
  reward: number;
  /** It begins with the user; each call is followed by its result. */
  steps: ConversationStep[];
}

/**
 * Reads recorded conversations, one JSON object a line.
 *
 * @throws TraceError naming line and field of the first that is not one
 */
export function readConversations(path: string): Conversation[] {
  const conversations = readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text, index) => (text.trim() === '' ? [] : [readLine(path, index + 1, text)]));
  if (conversations.length === 0) throw new TraceError(path, 1, null, 'there is no conversation in this file');
  return conversations;
}

function readLine(path: string, line: number, text: string): Conversation {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TraceError(path, line, null, `${shownValue(text)} is not JSON`, { cause });
  }
  const read = checked(conversation, json, path, line, '');
  const steps = read.steps.map((step, index) =>
    checked<ConversationStep>(stepSchema(step), step, path, line, `steps[${index}]`),
  );
  if (steps[0]?.role !== 'user') throw new TraceError(path, line, 'steps[0].role', 'the user has to begin');
  for (const [index, step] of steps.entries()) {
    const calls = 'call' in step;
    if (calls !== (steps[index + 1]?.role === 'tool'))
      throw new TraceError(
        path,
        line,
        `steps[${index + 1}].role`,
        calls ? 'a result must follow a call' : 'it answers no call',
      );
  }
  const { task_id: task, trial, reward } = read;
  return { scenarioId: `airline/${task}/${trial}`, task, trial, reward, steps };
}

/** The one kind of step that it can be, so that an error names the field that is wrong with it. */
function stepSchema(step: unknown): z.ZodType<ConversationStep> {
  const of = z.object({ role: z.enum(['user', 'assistant', 'tool']) }).safeParse(step);
  switch (of.data?.role) {
    case 'user':
      return user;
    case 'tool':
      return tool;
    case 'assistant':
      return Object.hasOwn(step as object, 'content') ? said : called;
    case undefined:
      return z.object({ role: z.enum(['user', 'assistant', 'tool']) }) as never;
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, path: string, line: number, at: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const issue = error.issues[0] as z.core.$ZodIssue;
  const field = issue.path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, at);
  throw new TraceError(path, line, field === '' ? null : field, `${issue.message} (it is ${shownValue(value)})`);
}
