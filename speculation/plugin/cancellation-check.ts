import type { ConnectionLike } from '@temporalio/client';
import type { CancellationMode } from '../ledger/cancellation-mode';
import type { WarnOnce } from './warn-once';

/** How long a worker's start, or a pipeline's, may be held up by the question. */
const TIMEOUT_MS = 5_000;

/** What a server has to have, and what is to be set, so that it pushes cancels. */
export const PUSH_NEEDS =
  'server 1.32 or later with frontend.WorkerCommandsEnabled and system.enableCancelActivityWorkerCommand';

/**
 * Whether a namespace takes part in worker commands, by which a server pushes cancels. It says nothing about whether cancels are among
 * them (`system.enableCancelActivityWorkerCommand`), which only a try can tell: `runahead doctor --probe`.
 */
export async function offersWorkerCommands(connection: ConnectionLike, namespace: string): Promise<boolean> {
  const { namespaceInfo } = await connection.withDeadline(Date.now() + TIMEOUT_MS, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
  // An older server does not know the field.
  return namespaceInfo?.capabilities?.workerCommands === true;
}

/** After this long a question that was not answered is asked again. */
const RECHECK_MS = 30_000;

interface Asked {
  answer: Promise<CancellationMode>;
  known: CancellationMode | null;
  /** Null where the answer stands. */
  againAtMs: number | null;
}

/** How cancels reach the activities of a namespace. Asked once; without an answer it is by heartbeat, the floor. */
export class CancellationCheck {
  readonly #asked = new Map<string, Asked>();

  constructor(private readonly warnOnce: WarnOnce) {}

  /** The answer so far, without asking; null before there is one. What workers of this process have found out goes first. */
  known(namespace: string): CancellationMode | null {
    return (this.#asked.get(keyOf(namespace, false)) ?? this.#asked.get(keyOf(namespace, true)))?.known ?? null;
  }

  /** @param workerBeats whether workers report to the server, without which nothing is pushed to them */
  ask(
    connection: ConnectionLike,
    namespace: string,
    { workerBeats }: { workerBeats: boolean },
  ): Promise<CancellationMode> {
    const key = keyOf(namespace, workerBeats);
    const asked = this.#asked.get(key);
    if (asked !== undefined && (asked.againAtMs === null || asked.againAtMs > Date.now())) return asked.answer;
    const entry: Asked = { answer: Promise.resolve('heartbeat'), known: asked?.known ?? null, againAtMs: null };
    entry.answer = this.#look(connection, namespace, workerBeats, entry);
    this.#asked.set(key, entry);
    return entry.answer;
  }

  async #look(
    connection: ConnectionLike,
    namespace: string,
    workerBeats: boolean,
    entry: Asked,
  ): Promise<CancellationMode> {
    const reason = await this.#reasonAgainst(connection, namespace, workerBeats, entry);
    if (reason !== null) {
      this.warnOnce(
        `cancellation:${namespace}`,
        `Cancels reach the activities of namespace "${namespace}" with their heartbeats: ${reason}. They take longer and cost more tokens.`,
      );
    }
    return (entry.known = reason === null ? 'pushed' : 'heartbeat');
  }

  async #reasonAgainst(
    connection: ConnectionLike,
    namespace: string,
    workerBeats: boolean,
    entry: Asked,
  ): Promise<string | null> {
    if (!workerBeats) return 'workerHeartbeatInterval is 0 in this process, so the server cannot push them';
    try {
      if (await offersWorkerCommands(connection, namespace)) return null;
      return `the server does not push them, which takes ${PUSH_NEEDS}`;
    } catch (error) {
      entry.againAtMs = Date.now() + RECHECK_MS;
      return `whether the server pushes them could not be found out (${error instanceof Error ? error.message : String(error)})`;
    }
  }
}

function keyOf(namespace: string, workerBeats: boolean): string {
  return `${namespace} ${workerBeats}`;
}
