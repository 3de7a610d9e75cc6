/** The tool to call next, or null when the goal is reached. */
export function nextStep(transcript: readonly string[]): Promise<string | null> {
  return Promise.resolve(transcript.length < 3 ? 'search' : null);
}

export function runTool(tool: string): Promise<string> {
  return Promise.resolve(`${tool}: nothing found`);
}
