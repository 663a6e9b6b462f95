/** cli/vantage — the pod or node that a word names, written as the ends of a trace are. */
import { objectSource } from '../analysis/trace/endpoint-source.ts';
import { isObjectWord, parseEndpoint } from '../analysis/trace/endpoint-text.ts';
import type { Vantage } from '../datapath/dns/answer.ts';
import { InputError } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';

/** Of a name without one. */
const NAMESPACE = 'default';

/**
 * Reads `NAME`, `NS/NAME`, `pod/NS/NAME`, `deploy/NS/NAME` and its like, `node/NAME`.
 *
 * @throws InputError for what is not there, with what is near, and for a pod without an address
 */
export function vantageOf(store: TwinStore, text: string): Vantage {
  const parts = text.split('/');
  const isPodKey = parts.length === 1 || (parts.length === 2 && !isObjectWord(parts[0]!));
  const end = parseEndpoint(isPodKey ? `pod/${text}` : text, text);
  if (end.kind === 'object' && end.port === undefined) {
    return objectSource(end, { store, namespace: NAMESPACE }, text).vantage;
  }
  throw new InputError(
    text,
    'neither a pod nor a node',
    'write NS/NAME, pod/NS/NAME, deploy/NS/NAME or node/NAME',
  );
}
