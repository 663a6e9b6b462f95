/**
 * cluster/keyed-as — what a store kind and key name, for refusals about objects that are not
 * there.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import { RESOURCES } from '../model/kubernetes/resources.ts';

export interface KeyedAs {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Reads `namespace/name`, `name`, or `group/Kind:namespace/name` under `Unknown`. */
export function keyedAs(storeKind: KubernetesKind, key: string): KeyedAs {
  let kind: string = storeKind;
  let group: string | undefined;
  let rest = key;
  if (storeKind === 'Unknown') {
    const colon = key.indexOf(':');
    const [first = '', second = ''] = key.slice(0, colon).split('/');
    group = first === 'core' ? '' : first;
    kind = second;
    rest = key.slice(colon + 1);
  }
  const resource = RESOURCES.find(
    (it) =>
      it.kind === kind && (group === undefined ? it.storeKind === storeKind : it.group === group),
  );
  const apiGroup = group ?? resource?.group ?? '';
  const version = resource?.versions[0] ?? 'v1';
  const slash = rest.indexOf('/');
  return {
    apiVersion: apiGroup === '' ? version : `${apiGroup}/${version}`,
    kind,
    name: rest.slice(slash + 1),
    ...(slash < 0 ? {} : { namespace: rest.slice(0, slash) }),
  };
}
