/** What an operation does to the world, as declared by its owner. */
export type EffectClass = 'none' | 'idempotent' | 'staged' | 'irreversible';

/** Whether merely issuing the call tells a third party something. */
export type Disclosure = 'public' | 'private';
