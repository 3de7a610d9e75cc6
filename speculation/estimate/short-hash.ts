/** In the workflow sandbox, a look-up of a global takes longer than all else here. */
const { imul } = Math;

/**
 * 53 bits of a text, in base 36: 11 characters instead of the 60 of an id, so that thousands of ids fit into one payload. Two of 20,000
 * ids share a hash with a probability of about 2e-8. (cyrb53, a public-domain mix of two multiplicative hashes.)
 */
export function shortHash(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = imul(high ^ unit, 2654435761);
    low = imul(low ^ unit, 1597334677);
  }
  high = imul(high ^ (high >>> 16), 2246822507) ^ imul(low ^ (low >>> 13), 3266489909);
  low = imul(low ^ (low >>> 16), 2246822507) ^ imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
