/** A plain decimal that is not negative; long enough for any price, too short to fill a payload. */
const AMOUNT = /^\d{1,12}(\.\d{1,40})?$/;

/** Whether something that came from outside is an amount of US dollars that can be reserved or settled. */
export function isUsableAmount(input: unknown): input is string {
  return typeof input === 'string' && AMOUNT.test(input);
}
