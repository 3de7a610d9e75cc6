import { APIError } from 'openai';
import { createModelClient } from '../../activities/model-client';
import { modelIsConfigured } from '../../workers/local-model-beside';
import { fine, problem, reasonOf, warning, type DoctorLine } from './doctor-line';
import { noModelLine } from './installation';

const TIMEOUT_MS = 5_000;

/** Asks the provider that the environment names for its models, which costs nothing. */
export async function modelLine(environment: NodeJS.ProcessEnv = process.env): Promise<DoctorLine> {
  if (!modelIsConfigured(environment)) return noModelLine();
  const client = createModelClient(environment['OPENAI_BASE_URL'] ?? '', environment['OPENAI_API_KEY'] ?? '');
  try {
    const { data } = await client.models.list({ timeout: TIMEOUT_MS });
    return fine('model', `${client.baseURL} answers, with ${data.length} models`);
  } catch (error) {
    const status: unknown = error instanceof APIError ? error.status : undefined;
    if (status === 401 || status === 403) {
      return problem(
        'model',
        `${client.baseURL} refuses the key (status ${status})`,
        'Set OPENAI_API_KEY to a key of this provider.',
      );
    }
    if (typeof status === 'number') {
      const found = `${client.baseURL} answers, but not to /models (status ${status}); whether it answers to calls is not known`;
      return warning(
        'model',
        found,
        'See that OPENAI_BASE_URL ends where /chat/completions begins, such as https://host/v1.',
      );
    }
    return problem(
      'model',
      `${client.baseURL} does not answer (${reasonOf(error)})`,
      'Look at OPENAI_BASE_URL, and whether the provider runs.',
    );
  }
}
