/** test/random-twin/put — writes a noun whose ids are made up: plain text, not branded. */
import type { Kind, TwinStore } from '../../src/model/kinds.ts';

export function put(store: TwinStore, kind: Kind, key: string, value: object): void {
  store.put(kind, key, value as never);
}
