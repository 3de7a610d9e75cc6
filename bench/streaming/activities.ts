import { Context } from '@temporalio/activity';
import type { OpenAI } from 'openai';
import { callModel } from '../../activities/model';
import { callResponse } from '../../activities/response-call';
import type { ModelRequest } from '../../activities/model';
import type { FieldsOptions } from '../../speculation/streams/output-fields';
import { STREAMING_MODEL } from './policy';
import type { ModelOperation, StreamingShape, ToolOperation } from './shape';

export type ShapeActivity = (input: never) => Promise<unknown>;

/** Told which answer of a model a pipeline was given. */
export type OnAnswer = (workflowId: string, answerId: string) => void;

/** The activities of the suite, by activity type. Models are asked through `client`. */
export function streamingActivities(
  shapes: readonly StreamingShape[],
  client: OpenAI,
  onAnswer: OnAnswer,
): Record<string, ShapeActivity> {
  return Object.fromEntries(
    shapes.flatMap((shape) =>
      Object.entries(shape.operations).map(([name, operation]) => [
        name,
        operation.kind === 'model' ? askModel(name, operation, client, onAnswer) : useTool(operation),
      ]),
    ),
  );
}

function askModel(name: string, operation: ModelOperation, client: OpenAI, onAnswer: OnAnswer): ShapeActivity {
  return async (input: unknown) => {
    const request: ModelRequest = {
      model: STREAMING_MODEL,
      messages: [
        { role: 'system', content: name },
        { role: 'user', content: JSON.stringify(input) },
      ],
    };
    const ask = operation.api === 'responses' ? callResponse : callModel;
    const workflowId = Context.current().info.workflowExecution?.workflowId ?? '';
    if ('toolCalls' in operation.reply(input as never)) {
      const fields: FieldsOptions = { as: ({ toolCalls }) => ({ calls: toolCalls }) };
      const { id, toolCalls } = await ask(request, { client, fields });
      onAnswer(workflowId, id);
      return { calls: toolCalls };
    }
    const { id, text } = await ask({ ...request, responseFormat: 'json' }, { client, fields: { as: 'json' } });
    onAnswer(workflowId, id);
    return JSON.parse(text) as unknown;
  };
}

/** The wait stands for the service behind the tool. */
function useTool(operation: ToolOperation): ShapeActivity {
  return async (input) => {
    await Context.current().sleep(operation.seconds(input) * 1000);
    return operation.result(input);
  };
}
