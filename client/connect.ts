import { Connection } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { OperatorError } from './operator-error';

/** Where the Temporal server is. What is not given comes from the environment and the Temporal configuration file. */
export interface ServerFlags {
  /** `host:port`. @default TEMPORAL_ADDRESS, the profile's address, or localhost:7233 */
  address?: string | undefined;
  /** @default TEMPORAL_NAMESPACE, the profile's namespace, or default */
  namespace?: string | undefined;
  /** Profile of the Temporal configuration file. @default TEMPORAL_PROFILE or default */
  profile?: string | undefined;
}

/** A server with everything resolved: usable by a client's and by a worker's connection alike. */
export interface Server {
  address: string;
  namespace: string;
  /** Address, TLS, API key and metadata. */
  connectionOptions: ClientConnectConfig['connectionOptions'];
}

const CONNECT_TIMEOUT = '5s';

/**
 * Flags over environment over configuration file, read as every Temporal tool reads them (`@temporalio/envconfig`).
 * @throws OperatorError when the configuration file or a variable cannot be read
 */
export function resolveServer(flags: ServerFlags = {}): Server {
  let config: ClientConnectConfig;
  try {
    config = loadClientConnectConfig(flags.profile === undefined ? {} : { profile: flags.profile });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(
      `The Temporal configuration cannot be read: ${reason}. Look at TEMPORAL_CONFIG_FILE and the TEMPORAL_ variables.`,
      { cause },
    );
  }
  const address = flags.address ?? config.connectionOptions.address ?? 'localhost:7233';
  return {
    address,
    namespace: flags.namespace ?? config.namespace ?? 'default',
    connectionOptions: { ...config.connectionOptions, address },
  };
}

/** The one message for a server that does not answer. */
export function unreachable(server: Server, cause: unknown): OperatorError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OperatorError(
    `No Temporal server answers at ${server.address} (${reason}). ` +
      'Start one with "runahead dev", or name yours with --address or TEMPORAL_ADDRESS.',
    { cause },
  );
}

/**
 * A connection to a server; close it when done.
 * @throws OperatorError when no server answers within five seconds
 */
export async function connect(server: Server): Promise<Connection> {
  const { address, tls, apiKey, metadata } = server.connectionOptions;
  try {
    return await Connection.connect({
      ...(address !== undefined && { address }),
      ...(tls !== undefined && { tls }),
      ...(apiKey !== undefined && { apiKey }),
      ...(metadata !== undefined && { metadata }),
      connectTimeout: CONNECT_TIMEOUT,
    });
  } catch (cause) {
    throw unreachable(server, cause);
  }
}
