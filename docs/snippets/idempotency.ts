import { idempotencyKey } from 'runahead';

export async function chargeCard(card: string, cents: number): Promise<string> {
  const response = await fetch('https://payments.example/charges', {
    method: 'POST',
    headers: { 'Idempotency-Key': idempotencyKey() },
    body: JSON.stringify({ card, cents }),
  });
  if (!response.ok) throw new Error(`The payment service says ${response.status}`);
  return response.text();
}
