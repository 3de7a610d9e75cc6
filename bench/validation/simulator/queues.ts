import { sequential } from '../../../speculation/policies/sequential';
import { exponential, gamma, lognormal, type Distribution } from '../../simulator/distribution';
import { pipeline } from '../../simulator/pipeline';
import type { PoolOptions } from '../../simulator/pool';
import { randomStream } from '../../simulator/random-stream';
import { simulate } from '../../simulator/simulate';
import { closedForm } from '../closed-form';
import { times } from '../experiment';

interface Queue {
  kind: 'slots' | 'sharing';
  slots: number;
  /** Arrivals per second, Poisson; one call each. */
  arrivals: number;
  service: Distribution;
  label: string;
}

const CASES: Queue[] = [
  { kind: 'slots', slots: 1, arrivals: 0.4, service: exponential(1), label: 'M/M/1' },
  { kind: 'slots', slots: 3, arrivals: 1.8, service: exponential(1), label: 'M/M/3' },
  { kind: 'sharing', slots: Infinity, arrivals: 0.4, service: gamma({ mean: 1, shape: 4 }), label: 'gamma, shared' },
  {
    kind: 'sharing',
    slots: Infinity,
    arrivals: 0.4,
    service: lognormal({ mean: 1, sigma: 0.7 }),
    label: 'lognormal, shared',
  },
];

/** Textbook queues: the slots and the contention of the simulator, before anything is speculated. */
export const queues = closedForm<Queue>({
  name: 'queues',
  title: 'time in queues of the simulator: M/M/c by Erlang C, processor sharing E[S] / (1 - rho) (within 3 %)',
  origin: 'peer',
  tolerance: 0.03,
  form: ({ kind, slots, arrivals, service }) => {
    if (kind === 'sharing') return service.mean / (1 - arrivals * service.mean);
    return service.mean + erlangC(slots, arrivals * service.mean) / (slots / service.mean - arrivals);
  },
  planted: {
    'nobody waits': ({ service }) => service.mean,
    'one slot': ({ arrivals, service }) => service.mean / Math.max(0.01, 1 - arrivals * service.mean),
  },
  simulate: (setting) =>
    CASES.map((queue) => {
      const runs = times(60_000, setting);
      const random = randomStream(setting.seed, 'arrivals', queue.label);
      let last = 0;
      const at = Array.from({ length: runs }, () => (last -= Math.log1p(-random()) / queue.arrivals));
      const pool: PoolOptions =
        queue.kind === 'slots' ? { slots: queue.slots } : { slowdown: (running) => Math.max(1, running) };
      const { total } = simulate(pipeline('queue', [{ name: 'call', latency: queue.service, pool: 'shared' }]), {
        seed: setting.seed,
        runs,
        policy: sequential,
        arrivals: (run) => at[run] ?? 0,
        pools: { shared: pool },
      });
      return { label: queue.label, parameters: queue, observed: total.seconds / runs };
    }),
});

/** Probability that an arrival has to wait. */
function erlangC(slots: number, load: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n < slots; n++) sum += term *= load / n;
  const full = ((term * load) / slots) * (slots / (slots - load));
  return full / (sum + full);
}
