import type { LocalModelReply, LocalModelRequest } from '../local-model';
import { answerAutoReply } from './auto-reply-script';
import { answerResearch } from './research-script';
import { textAnswer } from './scenario-answer';
import { answerToolAgent } from './tool-agent-script';

/**
 * The model behind the port when there is no key for a real one: a function of the request and nothing else, so that both sides of
 * a comparison are told the same.
 */
export function scriptedAnswer({ model, messages }: LocalModelRequest): LocalModelReply {
  return (
    answerAutoReply(messages) ??
    answerToolAgent(messages) ??
    answerResearch(messages, model) ??
    textAnswer('I only know the scenarios that come with this model.', 100, 100)
  );
}
