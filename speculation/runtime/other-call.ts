import { Operation } from './operation';

/** A timer, a child, a local activity, a Nexus operation or a signal: never started early, and no call of an activity. */
export class OtherCall extends Operation {}
