import { makeVisible, storeAt, type StoreKind } from './stage-databases';

/**
 * Commits stages one after the other in a process of its own, so that a test can kill it at any moment. Prints "in <id>" in the middle
 * of a commit, and "done <id>" after it. A commit of a stage whose id ends with "stuck" never ends.
 */
async function commitAll(kind: StoreKind, where: string, ids: string[]): Promise<void> {
  const store = storeAt(kind, where);
  for (const id of ids) {
    await store.commit(id, async (stage, transaction) => {
      await makeVisible(stage, transaction);
      await transaction.send({ topic: 'effects', key: id, body: id });
      process.stdout.write(`in ${id}\n`);
      if (id.endsWith('stuck')) await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
    });
    process.stdout.write(`done ${id}\n`);
  }
  await store.close();
}

const [kind = '', where = '', ids = ''] = process.argv.slice(2);
commitAll(kind as StoreKind, where, ids.split(',')).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
