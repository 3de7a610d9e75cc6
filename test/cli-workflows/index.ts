import { condition, defineSignal, setHandler } from '@temporalio/workflow';

const finish = defineSignal('finish');

/** A pipeline that runs until it is told to finish. */
export async function patient(): Promise<string> {
  let finished = false;
  setHandler(finish, () => void (finished = true));
  await condition(() => finished);
  return 'done';
}
