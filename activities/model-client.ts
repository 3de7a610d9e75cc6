import { ApplicationFailure } from '@temporalio/common';
import { OpenAI } from 'openai';

let configured: { key: string; client: OpenAI } | undefined;

/**
 * The client of the provider that the environment names: OPENAI_BASE_URL (default: OpenAI itself) and OPENAI_API_KEY.
 * A base URL alone is enough, since many local servers ask for no key.
 *
 * @throws ApplicationFailure of type `MODEL_NOT_CONFIGURED`, not retryable, when neither is set
 */
export function configuredModelClient(environment: NodeJS.ProcessEnv = process.env): OpenAI {
  const baseURL = environment['OPENAI_BASE_URL'] ?? '';
  const apiKey = environment['OPENAI_API_KEY'] ?? '';
  if (baseURL === '' && apiKey === '') {
    throw ApplicationFailure.nonRetryable(
      'No model is configured: OPENAI_API_KEY is not set, and neither is OPENAI_BASE_URL. Set the key of an OpenAI-compatible ' +
        'provider, or start the worker with a local model beside it: npx runahead dev.',
      'MODEL_NOT_CONFIGURED',
    );
  }
  const key = `${baseURL} ${apiKey}`;
  if (configured?.key !== key) {
    configured = { key, client: createModelClient(baseURL, apiKey) };
  }
  return configured.client;
}

/** A client that leaves retries to Temporal, which sees, counts and bills every attempt. An empty base URL is OpenAI itself. */
export function createModelClient(baseURL: string, apiKey = ''): OpenAI {
  return new OpenAI({
    apiKey: apiKey === '' ? 'none' : apiKey,
    ...(baseURL === '' ? {} : { baseURL }),
    maxRetries: 0,
    // It would print whole chunks to the console; the failure names them.
    logLevel: 'off',
  });
}
