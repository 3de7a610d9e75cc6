/** Told how far the experiment is: lines that stay, and the state of the moment. */
export interface ChaosProgress {
  say: (line: string) => void;
  update: (line: string) => void;
}
