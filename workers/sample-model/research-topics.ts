export interface Topic {
  question: string;
  /** What the planner would search for, most important first. */
  queries: readonly string[];
}

/** What the sample model can plan for. */
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
