import { setOwnEntry } from '../forecast/own-entry';
import type { PartialValue } from '../forecast/partial-value';

/** For people to read: what is open looks as if it were complete. */
export function asFarAsKnown(read: PartialValue): unknown {
  switch (read.kind) {
    case 'unknown':
      return undefined;
    case 'known':
      return read.value;
    case 'text':
      return read.begins;
    case 'array':
      return read.elements.map(asFarAsKnown);
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const [key, member] of read.members) setOwnEntry(value, key, asFarAsKnown(member));
      return value;
    }
  }
}
