import { callOver, type CallModelOptions, type ModelReply } from './model';
import type { ModelProtocol } from './model-protocol';
import { toChatParameters, type ModelRequest } from './model-request';
import { ReceivedResponse } from './received-response';
import { toResponseParameters } from './response-request';

/**
 * The same as `callModel`, over OpenAI's Responses API: same request, same reply, same books, same failures. Nothing is stored with the
 * provider.
 *
 * @throws ApplicationFailure of type `MODEL_REQUEST_INVALID` for a request with a prediction, and what `callModel` throws
 * @throws CancelledFailure when the activity was cancelled
 */
export async function callResponse(request: ModelRequest, options: CallModelOptions = {}): Promise<ModelReply> {
  return callOver(responses, request, options);
}

const responses: ModelProtocol = (request) => {
  const parameters = toResponseParameters(request);
  return {
    // Counted as a chat: OpenAI publishes no other overheads.
    received: new ReceivedResponse(toChatParameters(request)),
    send: (client, options) => client.responses.create(parameters, options),
  };
};
