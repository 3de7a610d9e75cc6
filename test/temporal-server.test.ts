import { useTemporal } from './support/temporal';

const temporal = useTemporal();

test('a dev server serves with the search attributes registered', async () => {
  const { connection } = await temporal.start();
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  expect(Object.keys(customAttributes)).toEqual(
    expect.arrayContaining(['SpecCostMicroUsd', 'SpecWasteMicroUsd', 'SpecSavedMs', 'SpecPolicy', 'SpecEntries']),
  );
});
