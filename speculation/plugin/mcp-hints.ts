import type { Disclosure, EffectClass } from '../decision/admissibility';
import { PolicyError } from './policy-error';

/**
 * What a tool of the Model Context Protocol says of itself: its `annotations`, as they come. They are hints of whoever offers the tool,
 * and nobody has checked them.
 */
export interface ToolHints {
  /** Its environment stays as it is. @default false */
  readOnlyHint?: boolean | undefined;
  /** It may delete or overwrite, and not only add. @default true */
  destructiveHint?: boolean | undefined;
  /** Calling it again with the same arguments changes nothing more. @default false */
  idempotentHint?: boolean | undefined;
  /** It deals with others than the one who asks. @default true */
  openWorldHint?: boolean | undefined;
  /** Other annotations, such as its title, say nothing here. */
  [annotation: string]: unknown;
}

/** The part of a declaration that hints may stand in for. */
interface EffectInput {
  effect?: EffectClass;
  disclosure?: Disclosure;
  hints?: ToolHints;
  trustHints?: boolean;
}

/** What an operation does and tells, and whether that is only what its tool says. */
export interface ResolvedEffect {
  effect: EffectClass;
  disclosure: Disclosure;
  /** The effect class comes from hints that the owner does not vouch for: it is never launched early. */
  hinted: boolean;
}

/**
 * What the owner says goes before a hint, and a hint before nothing. An effect class that comes from hints alone is no declaration, until
 * the owner says that they can be trusted.
 *
 * @param field of the declaration in the policy
 * @throws PolicyError for neither an effect nor hints, for hints that contradict each other, and for trust in hints that are not there
 */
export function resolveEffect(field: string, { effect, disclosure, hints, trustHints }: EffectInput): ResolvedEffect {
  if (hints === undefined) {
    if (effect === undefined) {
      const remedy =
        "Say what it does: 'none', 'idempotent', 'staged' or 'irreversible'; or give the hints of its MCP tool.";
      throw new PolicyError('POLICY_INVALID', `${field}.effect`, effect, remedy, 'is missing');
    }
    if (trustHints !== undefined) {
      const remedy = 'Give the annotations of the MCP tool as hints, or leave trustHints out.';
      throw new PolicyError('POLICY_INVALID', `${field}.trustHints`, trustHints, remedy, 'has no hints beside it');
    }
    return { effect, disclosure: disclosure ?? 'public', hinted: false };
  }
  if (hints.readOnlyHint === true && hints.destructiveHint === true) {
    const remedy =
      'A tool that only reads destroys nothing: find out which is true, and leave the other out or say the effect yourself.';
    throw new PolicyError('POLICY_HINTS_CONTRADICT', `${field}.hints`, hints, remedy, 'contradict each other');
  }
  return {
    effect: effect ?? hintedEffect(hints),
    disclosure: disclosure ?? (hints.openWorldHint === false ? 'public' : 'private'),
    hinted: effect === undefined && trustHints !== true,
  };
}

/** With the defaults of the protocol, which expect the worst. */
function hintedEffect({
  readOnlyHint = false,
  destructiveHint = true,
  idempotentHint = false,
}: ToolHints): EffectClass {
  if (readOnlyHint) return 'none';
  return idempotentHint && !destructiveHint ? 'idempotent' : 'irreversible';
}
