const KEYWORDS: readonly [bucket: string, pattern: RegExp][] = [
  ['parcel', /parcel|delivery|tracking/i],
  ['kiln', /kiln|firing|firmware/i],
  ['login', /log in|password|sign in/i],
  ['money', /money|refund|pay/i],
];

/** What a message looks like at first sight: the first group of keywords that it has, or `rest`. */
export function keywordBucket(text: string): string {
  return KEYWORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'rest';
}
