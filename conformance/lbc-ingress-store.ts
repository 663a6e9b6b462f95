/**
 * conformance/lbc-ingress-store — a store with the objects that a case's `env` lists, and what the
 * controller looks up in it.
 */
import type { GroupLookups } from '../src/controllers/load-balancer/ingress/group-loading.ts';
import {
  declareIngressIndexes,
  storeLookups,
} from '../src/controllers/load-balancer/ingress/store-lookups.ts';
import { declareIndexes, type Kinds } from '../src/model/kinds.ts';
import { type KubernetesObject, keyOf } from '../src/model/kubernetes/meta.ts';
import { Store } from '../src/sim/store.ts';
import { type Json, listOf } from './lbc-aws.ts';
import { ingressOf } from './lbc-ingress.ts';

/** Lists of `env` by the kind they hold. */
const LISTS = {
  nsList: 'Namespace',
  ingClassList: 'IngressClass',
  ingClassParamsList: 'IngressClassParams',
  ingList: 'Ingress',
} as const;

/** @param env  of the case */
export function lookupsOf(env: Json | undefined): GroupLookups {
  const store = new Store<Kinds>();
  declareIndexes(store);
  declareIngressIndexes(store);
  for (const [list, kind] of Object.entries(LISTS)) {
    for (const object of listOf(env?.[list])) {
      const whole = kind === 'Ingress' ? withDeletion(object) : object;
      store.put(kind, keyOf(whole as unknown as KubernetesObject), whole as never);
    }
  }
  return storeLookups(store);
}

/** The vectors mark Ingresses that are being deleted by an annotation. */
export function withDeletion(json: unknown): ReturnType<typeof ingressOf> {
  const ingress = ingressOf(json);
  const { annotations = {} } = ingress.metadata;
  if (annotations['unit-test/delete'] !== 'true') return ingress;
  const metadata = { ...ingress.metadata, deletionTimestamp: '2024-01-01T00:00:00Z' };
  return { ...ingress, metadata };
}
