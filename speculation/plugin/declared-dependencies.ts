import { dependencyTaxonomy, type DependencyTaxonomy, type DependencyTypeInput } from '../estimate/dependency-taxonomy';
import {
  InvalidDependencyError,
  resolveDependency,
  type DependencyDeclaration,
  type DependencyPrior,
} from '../estimate/dependency-type';
import { PolicyError } from './policy-error';

const UNDECLARED: DependencyDeclaration = { type: 'unknown' };

/** The types that ship, with those of a policy on top. @throws PolicyError */
export function declaredTaxonomy(types: Readonly<Record<string, DependencyTypeInput>> = {}): DependencyTaxonomy {
  return refusedAt('dependencyTypes', () => dependencyTaxonomy(types));
}

/** @throws PolicyError */
export function declaredDependency(
  field: string,
  dependency: DependencyDeclaration = UNDECLARED,
  taxonomy?: DependencyTaxonomy,
): DependencyPrior {
  return refusedAt(field, () => resolveDependency(dependency, taxonomy));
}

function refusedAt<T>(field: string, resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof InvalidDependencyError)) throw error;
    const { message, value } = error;
    throw new PolicyError('POLICY_INVALID', `${field}.${error.field}`, value, message, 'is invalid', { cause: error });
  }
}
