import type { Turn } from '../../activities/agent-step';
import type { Trail, TrailCall } from '../../speculation/forecast/trail';
import type { Conversation } from './read-conversations';

/** The user simulator of the recordings ends a conversation with this word. */
const STOP = '###STOP###';

/** Tools of the recordings that change the world; `workflows/tool-agent.ts` numbers these calls. */
const WRITE = /^(book|cancel|update|send|transfer)_/;

/** The calls that `workflows/tool-agent.ts` makes in this conversation: the agent's steps, its tools, its replies. */
export function toSession({ scenarioId, steps }: Conversation): Trail {
  const calls: TrailCall[] = [];
  const transcript: Turn[] = [];
  let round = 0;
  for (const [index, step] of steps.entries()) {
    if (step.role === 'user' && index === 0) transcript.push({ role: 'user', text: step.content });
    if (step.role !== 'assistant') continue;
    const following = steps[index + 1];
    const asked = [{ scenarioId, transcript: [...transcript] }];
    if ('call' in step) {
      const [name, result] = [activityType(step.call), following?.role === 'tool' ? following.content : ''];
      calls.push({ operation: 'agentStep', args: asked, output: { kind: 'call', tool: name, args: step.args } });
      const args = { scenarioId, args: step.args, ...(WRITE.test(step.call) && { round }) };
      calls.push({ operation: name, args: [args], output: result });
      transcript.push({ role: 'tool', tool: name, args: step.args, result });
    } else {
      const said = following?.role === 'user' ? following.content : STOP;
      const next = said.includes(STOP) ? null : said;
      calls.push({ operation: 'agentStep', args: asked, output: { kind: 'reply', text: step.content } });
      calls.push({ operation: 'replyToUser', args: [{ scenarioId, round, text: step.content }], output: { next } });
      transcript.push({ role: 'assistant', text: step.content });
      if (next === null) break;
      transcript.push({ role: 'user', text: next });
    }
    round += 1;
  }
  return calls;
}

/** Tools are activity types in camel case. */
function activityType(tool: string): string {
  return tool.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
