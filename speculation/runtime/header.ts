import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { type ActivityHeader, HEADER, type PipelineSettings } from './protocol';
import type { LedgerCarry } from '../ledger/ledger';
import type { KnobChange } from '../decision/knob';

/** What a pipeline hands to its next run when it continues as new. */
export interface Carry {
  ledger: LedgerCarry;
  knobChange: KnobChange;
  launches: number;
  decisions: number;
}

/** Start header: the settings, and after continue-as-new what the earlier run handed over. */
export interface StartHeader extends PipelineSettings {
  carry?: Carry;
}

export function readStartHeader(headers: Headers): StartHeader | null {
  const payload = headers[HEADER];
  if (payload === undefined) return null;
  const header = defaultPayloadConverter.fromPayload<StartHeader | null>(payload);
  // A newer client may write what this worker cannot read: then the worker's own settings are looked up.
  return (header?.version as number | undefined) === 1 ? header : null;
}

export function withHeader(headers: Headers, header: StartHeader | ActivityHeader): Headers {
  return { ...headers, [HEADER]: defaultPayloadConverter.toPayload(header) };
}
