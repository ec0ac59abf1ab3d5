import type {Client} from './client.js';

let current: Client | undefined;

/** The worker that has the page's model. */
export function client(): Client {
  if (!current) throw new Error('no model is loaded yet');
  return current;
}

export function isCurrent(other: Client): boolean {
  return other === current;
}

/** Puts a worker in the place of the one before, which ends. */
export function replaceClient(next: Client): void {
  if (current !== next) current?.close();
  current = next;
}
