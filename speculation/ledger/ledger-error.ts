/** The books were asked to do something that would make them wrong. */
export class LedgerError extends Error {
  readonly code = 'RUNAHEAD_LEDGER';
  override readonly name = 'LedgerError';

  constructor(entryId: string, problem: string) {
    super(`ledger: entry ${JSON.stringify(entryId)} ${problem}`);
  }
}
