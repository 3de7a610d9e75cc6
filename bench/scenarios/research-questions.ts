import { TOPICS } from '../../workers/sample-model/research-topics';
import type { ResearchRequest } from '../../workflows/research';
import { pick } from './seeded-random';

/** Ways to ask; the last one makes the planner look from another side. */
const PHRASINGS = ['', ' Briefly, please.', ' I write for beginners.', ' Start from the costs.'] as const;
const PHRASING_WEIGHTS = [5, 2, 1, 1] as const;

/** Research questions as readers of a pottery magazine send them. */
export function researchQuestions(count: number, random: () => number): ResearchRequest[] {
  return Array.from({ length: count }, () => {
    const { question } = pick(
      random,
      TOPICS,
      TOPICS.map((_topic, index) => TOPICS.length - index),
    );
    return { question: `${question}${pick(random, PHRASINGS, PHRASING_WEIGHTS)}`, depth: 3 };
  });
}
