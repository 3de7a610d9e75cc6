/** Stands for a service that holds seats: whoever asks again under the same id gets the same seat. */
const seats = new Map<string, string>();

export function reserveSeat(id: string, flight: string): Promise<string> {
  const seat = seats.get(id) ?? `${flight}-${seats.size + 1}`;
  seats.set(id, seat);
  return Promise.resolve(seat);
}

export function releaseSeat(id: string): Promise<void> {
  seats.delete(id);
  return Promise.resolve();
}
