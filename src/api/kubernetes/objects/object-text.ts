/**
 * api/kubernetes/objects/object-text — stored objects as they leave for a client: with their
 * resourceVersion, in the version that was asked for. A stored value never changes, so its JSON
 * is written once and serves every list, watch and get.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';

interface Written {
  readonly revision: number;
  readonly apiVersion: string;
  readonly text: string;
}

/** Whole objects, and their metadata alone: each in the form that was asked for last. */
const written = new WeakMap<object, Written>();
const metadataWritten = new WeakMap<object, Written>();

/** An object with its resourceVersion, kind and apiVersion first as Go writes them. */
export function leaving(object: KubernetesObject, revision: number): KubernetesObject {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { name, generateName, namespace, uid, ...more } = metadata;
  return {
    kind,
    apiVersion,
    metadata: {
      name,
      ...(generateName === undefined ? {} : { generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      // What is stored nowhere has none.
      ...(revision === 0 ? {} : { resourceVersion: String(revision) }),
      ...more,
    },
    ...rest,
  };
}

/**
 * The JSON of a stored value in a version.
 *
 * @param convert  stored shape to the shape of `apiVersion`; must be pure
 */
export function objectText(
  value: KubernetesObject,
  revision: number,
  apiVersion: string,
  convert: (object: KubernetesObject) => KubernetesObject,
): string {
  return kept(written, value, revision, apiVersion, () => leaving(convert(value), revision));
}

/**
 * The JSON of a stored value's kind, version and metadata alone: what garbage collectors and a
 * table's rows read.
 *
 * @param apiVersion  `meta.k8s.io/v1` or the one before it
 */
export const metadataText = (
  value: KubernetesObject,
  revision: number,
  apiVersion = 'meta.k8s.io/v1',
): string =>
  kept(metadataWritten, value, revision, apiVersion, () =>
    leaving({ kind: 'PartialObjectMetadata', apiVersion, metadata: value.metadata }, revision),
  );

function kept(
  texts: WeakMap<object, Written>,
  value: KubernetesObject,
  revision: number,
  apiVersion: string,
  make: () => KubernetesObject,
): string {
  const before = texts.get(value);
  if (before?.revision === revision && before.apiVersion === apiVersion) return before.text;
  const text = JSON.stringify(make());
  // Unfrozen values are not in the store: nobody vouches that they stay as they are.
  if (Object.isFrozen(value)) texts.set(value, { revision, apiVersion, text });
  return text;
}
