import { userInfo } from 'node:os';

/** Whoever is at the keyboard. */
export function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return 'operator';
  }
}
