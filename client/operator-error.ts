/** Something that the person at the keyboard can put right. The command line prints the message alone, without a stack. */
export class OperatorError extends Error {
  readonly code = 'RUNAHEAD_OPERATOR';
  override readonly name = 'OperatorError';
}
