/**
 * api/kubernetes/write/writer — who writes, for metadata.managedFields.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/fieldmanager.
 */
import type { WriteOptions as VerbOptions } from '../../../cluster/kubernetes.ts';
import type { ServedResource } from '../../../cluster/served-resources.ts';
import { timestamp } from '../../../model/time.ts';
import type { ApiRequest } from '../api-request.ts';
import { managersAfterWrite, type Writer } from '../apply/ownership.ts';
import { shapeOf } from '../apply/shape.ts';
import { isConverted } from '../objects/versions.ts';
import type { WriteOptions } from './write-options.ts';

/** The writer of a request; in the stored version where the client's has other fields. */
export function writerOf(
  { kind, target, state }: ApiRequest,
  { fieldManager }: WriteOptions,
  operation: Writer['operation'],
): Writer {
  const { storage, resource } = kind;
  const isOther = isConverted(kind);
  const version = isOther ? storage.versions[0]! : kind.version;
  const group = isOther ? storage.group : resource.group;
  const shaped: ServedResource = isOther ? { ...resource, ...storage } : resource;
  return {
    manager: fieldManager,
    operation,
    apiVersion: group === '' ? version : `${group}/${version}`,
    ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
    now: timestamp(state.running.twin.clock.now()),
    shape: shapeOf(shaped, version),
    hasStatus: storage.hasStatus,
  };
}

/** What a verb is told, so that the writer owns what it changes. */
export function tracking(given: ApiRequest, options: WriteOptions): VerbOptions {
  const writer = writerOf(given, options, 'Update');
  return { track: (after, before) => managersAfterWrite(before, after, writer) };
}
