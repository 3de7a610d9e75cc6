import { type Activator } from '@temporalio/workflow/lib/internals';

export type PipelineFunction = NonNullable<Activator['workflow']>;

/** The bundle's own way to load workflow code; the worker gives each workflow a module cache of its own. */
interface BundleGlobals {
  __TEMPORAL__: { importWorkflows(): Record<string, unknown> };
  __TEMPORAL_ACTIVATOR__: { moduleCache: Map<string, unknown>; info: { workflowType: string } };
}

const globals = globalThis as unknown as BundleGlobals;

/**
 * Loads the workflow code once more for a fiber, so that what its modules keep in variables is the fiber's own. It is what a replay
 * does too: the function starts from fresh modules. The runtime, the SDK and other interceptors stay as they are.
 */
export class FreshModules {
  /** What was loaded before the workflow code: interceptors and all that they need. */
  readonly #before = new Map(globals.__TEMPORAL_ACTIVATOR__.moduleCache);

  /** Null where the worker shares modules (`reuseV8Context: false`); then module-level state is shared, and strict mode tells. */
  pipelineFunction(): PipelineFunction | null {
    if (this.#before.size === 0) return null;
    const activator = globals.__TEMPORAL_ACTIVATOR__;
    const { moduleCache } = activator;
    activator.moduleCache = new Map(this.#before);
    try {
      const modules = globals.__TEMPORAL__.importWorkflows();
      const loaded = modules[activator.info.workflowType] ?? modules['default'];
      return typeof loaded === 'function' ? (loaded as PipelineFunction) : null;
    } catch {
      return null; // Code that cannot be loaded twice runs from the modules that are there.
    } finally {
      activator.moduleCache = moduleCache;
    }
  }
}
