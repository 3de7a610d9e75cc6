import { NOTE_PROMPT, PLAN_PROMPT, SYNTHESIS_PROMPT, VERIFY_PROMPT } from '../../activities/research';
import { MODEL } from '../../activities/model-roles';
import type { ModelMessage } from '../../activities/model-request';
import type { LocalModelReply } from '../local-model';
import { TOPICS } from './research-topics';
import { jsonAnswer, textAnswer } from './scenario-answer';
import { stableHash } from './stable-hash';

function field(label: string, text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(label))
    .map((line) => line.slice(line.indexOf(':') + 1).trim());
}

function plan(question: string, depth: number, model: string): string[] {
  const topic = TOPICS.find((candidate) => question.startsWith(candidate.question));
  const queries = topic?.queries ?? [question, `history of ${question}`];
  const chosen = queries.slice(0, depth);
  const substitute = queries[depth];
  // A question asked from another side gets another last query; a cheap model misses that.
  const otherSide = question.endsWith('costs.') && model !== MODEL.draft;
  // And now and then a cheap model has an idea of its own.
  const ownIdea = model === MODEL.draft && stableHash(question, 5) === 0;
  if ((otherSide || ownIdea) && substitute !== undefined) chosen[chosen.length - 1] = substitute;
  return chosen;
}

/** What the model says to the prompts of `research`; null for other prompts. */
export function answerResearch(messages: readonly ModelMessage[], model: string): LocalModelReply | null {
  const system = messages[0]?.content ?? '';
  const request = messages[1]?.content ?? '';
  if (system === PLAN_PROMPT) {
    const depth = Number(field('Queries', request)[0] ?? '2');
    const queries = plan(field('Question', request)[0] ?? '', depth, model);
    return model === MODEL.draft ? jsonAnswer({ queries }, 120, 120) : jsonAnswer({ queries }, 320, 480);
  }
  if (system === NOTE_PROMPT) {
    const source = field('Source', request)[0] ?? '';
    const sentences = source.split('. ');
    const note = sentences[stableHash(request, Math.max(1, sentences.length))] ?? source;
    return textAnswer(`${note.replace(/\.$/, '')}.`, 180, 160 + stableHash(request, 60));
  }
  if (system === SYNTHESIS_PROMPT) {
    const notes = field('Note', request);
    const again = messages.length > 2 ? 'In other words: ' : '';
    const report = `${again}${field('Question', request)[0] ?? ''} ${notes.join(' Moreover, ')} So far the sources.`;
    return textAnswer(report, 300, 560 + stableHash(request, 120));
  }
  if (system === VERIFY_PROMPT) {
    const report = field('Report', request)[0] ?? '';
    const pass = stableHash(report, 7) !== 1;
    return jsonAnswer(pass ? { verdict: 'pass' } : { verdict: 'revise', reason: 'Name the costs.' }, 200, 150);
  }
  return null;
}
