import type { DataSource } from 'typeorm';

type Hint = () => void;

const relays = new WeakMap<DataSource, Set<Hint>>();

/** Tells this process's relay on that database that there is something to carry. Other processes find it by their timer. */
export function hintRelay(dataSource: DataSource): void {
  for (const hint of relays.get(dataSource) ?? []) hint();
}

export function onHint(dataSource: DataSource, hint: Hint): () => void {
  const hints = relays.get(dataSource) ?? new Set();
  relays.set(dataSource, hints.add(hint));
  return () => hints.delete(hint);
}
