import type { ResearchRequest } from '../../workflows/research';
import { pick } from './seeded-random';

export interface Topic {
  question: string;
  /** What the planner would search for, most important first. */
  queries: readonly string[];
}

export const TOPICS: readonly Topic[] = [
  {
    question: 'Why did potters give up lead?',
    queries: ['lead glazes on tableware', 'tin glaze instead of lead', 'ash glazes', 'stoneware clay without glaze'],
  },
  {
    question: 'Which kiln suits a small studio?',
    queries: [
      'electric kilns at home',
      'gas kilns and reduction',
      'wood kilns and their crews',
      'energy of one firing',
    ],
  },
  {
    question: 'What makes porcelain difficult?',
    queries: ['porcelain clay from granite', 'stoneware clay compared', 'energy of a firing', 'recycling clay scraps'],
  },
  {
    question: 'How can a studio waste less?',
    queries: ['recycling clay scraps', 'water use of a studio', 'energy of one firing', 'selling at markets'],
  },
  {
    question: 'How do potters make a living?',
    queries: ['selling at markets', 'selling online', 'prices of handmade ware', 'teaching beginners'],
  },
];

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
