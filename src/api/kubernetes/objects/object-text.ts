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

const written = new WeakMap<object, Written>();

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
      resourceVersion: String(revision),
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
  const before = written.get(value);
  if (before?.revision === revision && before.apiVersion === apiVersion) return before.text;
  const text = JSON.stringify(leaving(convert(value), revision));
  // Unfrozen values are not in the store: nobody vouches that they stay as they are.
  if (Object.isFrozen(value)) written.set(value, { revision, apiVersion, text });
  return text;
}
