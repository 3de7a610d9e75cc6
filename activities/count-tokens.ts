import { countTokens as count, decodeGenerator, encode } from 'gpt-tokenizer/encoding/o200k_base';

/** Text that looks like a control token is text: it came from a user or a model, not from the protocol. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** The parts of a chat completion request that are billed as input, as they go over the wire. */
export interface ChatPrompt {
  messages: readonly PromptMessage[];
  tools?: readonly PromptTool[] | undefined;
}

export interface PromptMessage {
  role: string;
  content?: string | readonly { type: string; text?: string | undefined }[] | null | undefined;
  name?: string | undefined;
  tool_calls?: readonly { function: { name: string; arguments: string } }[] | null | undefined;
}

export interface PromptTool {
  function: { name: string; description?: string | undefined; parameters?: Record<string, unknown> | undefined };
}

/** What a model has said so far; the arguments of a tool call are JSON text. */
export interface ChatOutput {
  text: string;
  toolCalls: readonly { name: string; arguments: string }[];
}

/** Number of `o200k_base` tokens (gpt-4o and later) in a text. Never call this from workflow code: the table has 200,000 rows. */
export function countTokens(text: string): number {
  return count(text, AS_TEXT);
}

/** The `o200k_base` tokens of a text. */
export function tokenIds(text: string): number[] {
  return encode(text, AS_TEXT);
}

/** A text cut at its token boundaries; a character that several tokens share stays whole. Joined, the pieces are the text. */
export function tokenPieces(text: string): string[] {
  return [...decodeGenerator(tokenIds(text))].filter((piece) => piece !== '');
}

// Overheads of the chat format, as published by OpenAI ("How to count tokens with tiktoken", gpt-4o).
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_NAME = 1;
const TOKENS_TO_PRIME_THE_REPLY = 3;
const TOKENS_PER_FUNCTION = 7;
const TOKENS_AFTER_FUNCTIONS = 12;
const TOKENS_BEFORE_PROPERTIES = 3;
const TOKENS_PER_PROPERTY = 3;
const TOKENS_BEFORE_ENUM = -3;
const TOKENS_PER_ENUM_ITEM = 3;

/**
 * Input tokens of a request. Exact for texts with the overheads that OpenAI publishes; schemas that nest are counted by their
 * JSON text, pictures and sound not at all.
 */
export function countPromptTokens(prompt: ChatPrompt): number {
  const messages = sum(prompt.messages.map(countMessageTokens)) + TOKENS_TO_PRIME_THE_REPLY;
  const tools = prompt.tools ?? [];
  return tools.length === 0 ? messages : messages + sum(tools.map(countToolTokens)) + TOKENS_AFTER_FUNCTIONS;
}

/** Output tokens of a reply or of the part of it that has arrived. */
export function countOutputTokens(output: ChatOutput): number {
  return countTokens(output.text) + countCallTokens(output.toolCalls);
}

function countMessageTokens(message: PromptMessage): number {
  const content = message.content ?? '';
  const text = typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
  const name = message.name === undefined ? 0 : countTokens(message.name) + TOKENS_PER_NAME;
  const calls = (message.tool_calls ?? []).map((call) => call.function);
  return TOKENS_PER_MESSAGE + countTokens(message.role) + countTokens(text) + name + countCallTokens(calls);
}

function countCallTokens(calls: ChatOutput['toolCalls']): number {
  return sum(calls.map((call) => countTokens(call.name) + countTokens(call.arguments)));
}

function countToolTokens(tool: PromptTool): number {
  const { name, description = '', parameters = {} } = tool.function;
  const properties = Object.entries(isRecord(parameters['properties']) ? parameters['properties'] : {});
  return (
    TOKENS_PER_FUNCTION +
    countTokens(`${name}:${withoutStop(description)}`) +
    (properties.length === 0 ? 0 : TOKENS_BEFORE_PROPERTIES + sum(properties.map(countPropertyTokens)))
  );
}

function countPropertyTokens([name, schema]: [string, unknown]): number {
  const { type, description, enum: choices } = isRecord(schema) ? schema : {};
  if (typeof type !== 'string' || type === 'object' || type === 'array') {
    return TOKENS_PER_PROPERTY + countTokens(`${name}:${JSON.stringify(schema)}`);
  }
  const line = `${name}:${type}:${withoutStop(typeof description === 'string' ? description : '')}`;
  const items = Array.isArray(choices) ? choices.map((item) => TOKENS_PER_ENUM_ITEM + countTokens(String(item))) : [];
  return TOKENS_PER_PROPERTY + countTokens(line) + (items.length === 0 ? 0 : TOKENS_BEFORE_ENUM + sum(items));
}

function withoutStop(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
