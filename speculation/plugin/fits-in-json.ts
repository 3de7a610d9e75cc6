import { METADATA_ENCODING_KEY, encodingTypes, type DataConverter } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/encoding';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

/**
 * Tells whether a value survives inside of a JSON object as it does alone: bytes, protobuf messages and whatever else a data
 * converter of one's own treats differently do not.
 */
export function fitsInJsonOf(dataConverter: DataConverter | undefined): (value: unknown) => boolean {
  const { payloadConverter } = loadDataConverter(dataConverter);
  return (value) => {
    if (value === undefined) return true;
    try {
      const encoding = payloadConverter.toPayload(value).metadata?.[METADATA_ENCODING_KEY];
      return encoding != null && decode(encoding) === encodingTypes.METADATA_ENCODING_JSON;
    } catch {
      return false;
    }
  };
}
