/**
 * api/kubernetes/versions — stored objects in the version a client speaks, and back. Most
 * versions of a kind differ in their name only.
 */
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { apiVersionOf, type ServedKind } from './served-kind.ts';

type Convert = (object: KubernetesObject) => KubernetesObject;

const converters = new WeakMap<ServedKind, Convert>();

/** Stored shape to the served one. Pure. */
export function toServed(kind: ServedKind): Convert {
  const known = converters.get(kind);
  if (known !== undefined) return known;
  const apiVersion = apiVersionOf(kind);
  const rename: Convert = (object) =>
    object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  converters.set(kind, rename);
  return rename;
}

/** What a client sent, in the version the store keeps. */
export function toStored(kind: ServedKind, object: KubernetesObject): KubernetesObject {
  const { storage } = kind;
  const version = storage.versions[0]!;
  const apiVersion = storage.group === '' ? version : `${storage.group}/${version}`;
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** Kind, version and metadata alone: what garbage collectors and `as=PartialObjectMetadata` read. */
export const metadataOnly: Convert = ({ metadata }) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});
