/** The provider began to answer and then said in the stream that it failed. */
export class FailedResponseError extends Error {
  override readonly name = 'FailedResponseError';
  readonly code: string;
  readonly nonRetryable: boolean;

  /** @param providerCode what the provider calls it, such as `rate_limit_exceeded`; null where it gives no code */
  constructor(
    readonly providerCode: string | null,
    message: string,
  ) {
    super(`${providerCode ?? 'no code'}: ${message}`);
    this.code = typeOf(providerCode ?? '');
    // Asked again, the same request is refused again.
    this.nonRetryable = this.code === 'MODEL_REQUEST_INVALID';
  }
}

function typeOf(providerCode: string): string {
  if (providerCode === 'rate_limit_exceeded') return 'MODEL_RATE_LIMITED';
  if (providerCode === 'server_error' || providerCode.endsWith('_timeout')) return 'MODEL_SERVER_ERROR';
  return /invalid|image|_policy$|mismatch/.test(providerCode) ? 'MODEL_REQUEST_INVALID' : 'MODEL_STREAM_BROKEN';
}
