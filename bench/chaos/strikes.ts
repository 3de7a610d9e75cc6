import { setTimeout as pause } from 'node:timers/promises';
import type { Moment } from './chaos-activities';
import type { RunPlan } from './chaos-plan';
import type { ChaosStage } from './chaos-stage';
import type { WorkerProcess } from './worker-process';

/** Kills what the plans say, each once, when its run first reaches its moment. */
export class Strikes {
  readonly struck = { worker: 0, server: 0 };
  /** In order of time. */
  readonly kills = { workersMs: [] as number[], outages: [] as { fromMs: number; toMs: number }[] };
  #stage: Pick<ChaosStage, 'server' | 'workers'> | null = null;
  readonly #pending = new Map<number, NonNullable<RunPlan['kill']>>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(plans: readonly RunPlan[]) {
    for (const { run, kill } of plans) if (kill !== null) this.#pending.set(run, kill);
  }

  /** Where there is something to kill from now on. */
  aimAt(stage: Pick<ChaosStage, 'server' | 'workers'>): void {
    this.#stage = stage;
  }

  reached(moment: Moment, run: number, worker: WorkerProcess): void {
    const kill = this.#pending.get(run);
    if (kill?.moment !== moment) return;
    this.#pending.delete(run);
    const strike = this.#strike(kill, worker).finally(() => this.#underWay.delete(strike));
    this.#underWay.add(strike);
  }

  /** No more kills; resolves when what was killed is back. */
  async over(): Promise<void> {
    this.#pending.clear();
    await Promise.all(this.#underWay);
  }

  async #strike({ victim, delayMs }: NonNullable<RunPlan['kill']>, worker: WorkerProcess): Promise<void> {
    await pause(delayMs);
    const stage = this.#stage;
    if (stage === null) return;
    if (victim === 'server') {
      this.struck.server += 1;
      const fromMs = Date.now();
      await stage.server.killAndRestart();
      this.kills.outages.push({ fromMs, toMs: Date.now() });
      return;
    }
    const victims = victim === 'worker' ? [worker] : stage.workers;
    this.struck.worker += victims.length;
    this.kills.workersMs.push(Date.now());
    await Promise.all(victims.map((each) => each.kill()));
  }
}
