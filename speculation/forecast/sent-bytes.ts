/** Bytes that a text takes in a JSON payload: escaped, quoted, as UTF-8. Surrogate pairs count as 6 instead of 4. */
export function sentBytes(text: string): number {
  const sent = JSON.stringify(text);
  let bytes = 0;
  for (let index = 0; index < sent.length; index++) {
    const unit = sent.charCodeAt(index);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return bytes;
}
