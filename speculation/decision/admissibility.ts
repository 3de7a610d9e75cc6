/** What an operation does to the world, as declared by its owner. */
export type EffectClass = 'none' | 'idempotent' | 'staged' | 'irreversible';

const EFFECT_CLASSES: ReadonlySet<EffectClass> = new Set(['none', 'idempotent', 'staged', 'irreversible']);

/** Whether merely issuing the call tells a third party something. */
export type Disclosure = 'public' | 'private';

/** The owner's declaration of one operation, as far as early launches go. */
export interface Declared {
  effect: EffectClass;
  disclosure: Disclosure;
  /** Whether an `idempotent` operation may also be abandoned without an undo. */
  abandonSafe: boolean;
  /** A `staged` operation has a stage: it is prepared early and committed when it is claimed. @default false */
  barrier?: boolean | undefined;
  /** The effect class is only what the tool says of itself, and its owner has not said that this can be trusted. @default false */
  hinted?: boolean | undefined;
}

export type AdmissibilityReason =
  | 'admissible'
  | 'undeclared'
  | 'irreversible'
  | 'private'
  | 'idempotent-not-abandonable'
  | 'staged-needs-barrier'
  | 'hint-is-no-proof';

/**
 * Whether an operation may be launched before its input is known. Checked before the price, and never outvoted by it
 * (arXiv:2606.07846, section 3.3). What nobody declared is never launched.
 */
export function checkAdmissible(declared: Declared | null | undefined): {
  admissible: boolean;
  reason: AdmissibilityReason;
} {
  const reason = admissibilityReason(declared);
  return { admissible: reason === 'admissible', reason };
}

function admissibilityReason(declared: Declared | null | undefined): AdmissibilityReason {
  if (!declared) return 'undeclared';
  const { effect, disclosure, abandonSafe, barrier, hinted } = declared;
  // A declaration that came in as JSON may hold anything; an unknown class declares nothing.
  if (!EFFECT_CLASSES.has(effect)) return 'undeclared';
  if (effect === 'irreversible') return 'irreversible';
  if (disclosure !== 'public') return 'private';
  // An idempotent delete still deletes: repeating it is harmless, abandoning it is not.
  if (effect === 'idempotent' && !abandonSafe) return 'idempotent-not-abandonable';
  if (effect === 'staged' && barrier !== true) return 'staged-needs-barrier';
  return hinted === true ? 'hint-is-no-proof' : 'admissible';
}
