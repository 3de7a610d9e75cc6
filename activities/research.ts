import { z } from 'zod';
import { callModel } from './model';
import { callModelJson } from './model-json-call';
import { MODEL } from './model-roles';
import { remoteLatency } from './remote-latency';
import { searchLibrary } from './research-library';
import type { Source } from './research-library';

export const PLAN_PROMPT =
  'You plan research. Answer with JSON {"queries": [...]}: that many short search queries, no more.';
export const NOTE_PROMPT = 'You take notes from one source for a research question. One or two sentences.';
export const SYNTHESIS_PROMPT = 'You write a short report that answers the question from the notes, and nothing else.';
export const VERIFY_PROMPT =
  'You verify a report against its notes. Answer with JSON {"verdict": "pass"} or {"verdict": "revise", "reason": why}.';

const plan = z.object({ queries: z.array(z.string()).min(1).max(8) });
const verification = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('pass') }),
  z.object({ verdict: z.literal('revise'), reason: z.string() }),
]);
export type Plan = z.infer<typeof plan>;
export type Verification = z.infer<typeof verification>;

export interface PlanRequest {
  question: string;
  /** How many searches. */
  depth: number;
}

function askForPlan(operation: string, model: string, input: PlanRequest): Promise<Plan> {
  return callModelJson(operation, plan, {
    model,
    messages: [
      { role: 'system', content: PLAN_PROMPT },
      { role: 'user', content: `Queries: ${input.depth}\nQuestion: ${input.question}` },
    ],
    maxTokens: 150,
    temperature: 0,
  });
}

/** Breaks a question into search queries. */
export function planResearch(input: PlanRequest): Promise<Plan> {
  return askForPlan('planResearch', MODEL.big, input);
}

/** What a cheap model would plan: a guess at the output of `planResearch`. */
export function draftResearchPlan(input: PlanRequest): Promise<Plan> {
  return askForPlan('draftResearchPlan', MODEL.draft, input);
}

/** The best source for a query. */
export async function searchSources(input: { query: string }): Promise<Source> {
  await remoteLatency(350, input.query);
  return searchLibrary(input.query);
}

/** What one source says about the question. */
export async function takeNote(input: { question: string; source: Source }): Promise<{ note: string }> {
  const answer = await callModel({
    model: MODEL.small,
    messages: [
      { role: 'system', content: NOTE_PROMPT },
      { role: 'user', content: `Question: ${input.question}\nSource "${input.source.title}": ${input.source.text}` },
    ],
    maxTokens: 120,
    temperature: 0,
  });
  return { note: answer.text };
}

export interface SynthesisRequest {
  question: string;
  notes: string[];
  /** What was wrong with the first report; null for the first one. */
  revision: { report: string; reason: string } | null;
}

/** Writes the report. */
export async function synthesise(input: SynthesisRequest): Promise<{ report: string }> {
  const answer = await callModel({
    model: MODEL.big,
    messages: [
      { role: 'system', content: SYNTHESIS_PROMPT },
      {
        role: 'user',
        content: [`Question: ${input.question}`, ...input.notes.map((note) => `Note: ${note}`)].join('\n'),
      },
      ...(input.revision === null
        ? []
        : [
            { role: 'assistant' as const, content: input.revision.report },
            { role: 'user' as const, content: `Please revise: ${input.revision.reason}` },
          ]),
    ],
    maxTokens: 400,
    temperature: 0,
  });
  return { report: answer.text };
}

/** Lets a second model hold the report against the notes. */
export function verifyReport(input: { question: string; notes: string[]; report: string }): Promise<Verification> {
  return callModelJson('verifyReport', verification, {
    model: MODEL.small,
    messages: [
      { role: 'system', content: VERIFY_PROMPT },
      {
        role: 'user',
        content: [
          `Question: ${input.question}`,
          ...input.notes.map((note) => `Note: ${note}`),
          `Report: ${input.report}`,
        ].join('\n'),
      },
    ],
    maxTokens: 60,
    temperature: 0,
  });
}
