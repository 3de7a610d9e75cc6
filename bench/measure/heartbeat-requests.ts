import { DefaultLogger, Runtime } from '@temporalio/worker';
import { freePort } from '../../workers/free-port';

const HOST = '127.0.0.1';

/**
 * Counts the heartbeats of activities that really go to the server, which is what a server bills: most that an activity sends are held back.
 * To be called before anything of Temporal is used in this process.
 *
 * @returns the number so far; null where a runtime without such a count has been installed before
 */
export async function countHeartbeatRequests(): Promise<() => Promise<number | null>> {
  const port = await freePort(HOST);
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: {
        logging: { filter: 'ERROR' },
        metrics: { prometheus: { bindAddress: `${HOST}:${port}` } },
      },
    });
  } catch {
    return () => Promise.resolve(null);
  }
  return async () => {
    const answer = await fetch(`http://${HOST}:${port}/metrics`);
    return heartbeatsIn(await answer.text());
  };
}

/** Sum over all task queues and namespaces. */
function heartbeatsIn(metrics: string): number {
  return [...metrics.matchAll(/^temporal_request\{([^}]*)\} (\d+)$/gm)]
    .filter(([, labels = '']) => labels.includes('operation="RecordActivityTaskHeartbeat"'))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}
