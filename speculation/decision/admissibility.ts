/** What an operation does to the world, as declared by its owner. */
export type EffectClass = 'none' | 'idempotent' | 'staged' | 'irreversible';

/** Whether merely issuing the call tells a third party something. */
export type Disclosure = 'public' | 'private';

/** The owner's declaration of one operation, as far as early launches go. */
export interface Declared {
  effect: EffectClass;
  disclosure: Disclosure;
  /** Whether an `idempotent` operation may also be abandoned without an undo. */
  abandonSafe: boolean;
}

export type AdmissibilityReason =
  'admissible' | 'undeclared' | 'irreversible' | 'private' | 'idempotent-not-abandonable' | 'staged-needs-barrier';

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
  switch (declared.effect) {
    case 'irreversible':
      return 'irreversible';
    case 'none':
      break;
    case 'idempotent':
      if (declared.disclosure !== 'public') return 'private';
      // An idempotent delete still deletes: repeating it is harmless, abandoning it is not.
      return declared.abandonSafe ? 'admissible' : 'idempotent-not-abandonable';
    case 'staged':
      return declared.disclosure === 'public' ? 'staged-needs-barrier' : 'private';
    default:
      // A declaration that came in as JSON may hold anything; an unknown class declares nothing.
      return 'undeclared';
  }
  return declared.disclosure === 'public' ? 'admissible' : 'private';
}
