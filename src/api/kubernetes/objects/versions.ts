/**
 * api/kubernetes/objects/versions — stored objects in the version a client speaks, and back. Most
 * versions of a kind differ in their name only.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { fromAutoscalingV1, toAutoscalingV1 } from './autoscaling-v1.ts';
import { fromEventsV1, toEventsV1 } from './events-v1.ts';
import { apiVersionOf, type ServedKind } from './served-kind.ts';

type Convert = (object: KubernetesObject) => KubernetesObject;

/** Versions whose fields differ from the stored ones. */
const CONVERSIONS: Readonly<Record<string, { readonly to: Convert; readonly from: Convert }>> = {
  'autoscaling/v1': { to: toAutoscalingV1, from: fromAutoscalingV1 },
  'events.k8s.io/v1': { to: toEventsV1, from: fromEventsV1 },
};

/** True when the version has other fields than the stored one. */
export const isConverted = (kind: ServedKind): boolean => apiVersionOf(kind) in CONVERSIONS;

const converters = new WeakMap<ServedKind, Convert>();

/** Stored shape to the served one. Pure. */
export function toServed(kind: ServedKind): Convert {
  const known = converters.get(kind);
  if (known !== undefined) return known;
  const apiVersion = apiVersionOf(kind);
  const rename: Convert = (object) =>
    object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  const convert = CONVERSIONS[apiVersion]?.to ?? rename;
  converters.set(kind, convert);
  return convert;
}

/** What a client sent, in the version the store keeps. */
export function toStored(kind: ServedKind, object: KubernetesObject): KubernetesObject {
  const { storage } = kind;
  const version = storage.versions[0]!;
  const apiVersion = storage.group === '' ? version : `${storage.group}/${version}`;
  if (object.apiVersion === apiVersion) return object;
  return CONVERSIONS[object.apiVersion]?.from(object) ?? { ...object, apiVersion };
}
