/**
 * api/kubernetes/objects/component-status — `kubectl get cs`: what the API server finds when it
 * asks the rest of the control plane how it is. Stored nowhere, never changed.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/componentstatus/rest.go. The control plane of a
 * twin is AWS's, and always well.
 */
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Answer } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import type { StoredObject } from '../collection/collection.ts';
import { listAnswer } from '../collection/list-text.ts';
import { isSelected, selectionOf } from '../collection/selection.ts';
import { listTable } from '../collection/table-answer.ts';
import { statusMethodNotAllowed } from '../rest-status.ts';
import { answerOf } from '../write/written.ts';
import { metadataText } from './object-text.ts';
import { notFound } from './served-kind.ts';

const componentStatus = (name: string): StoredObject => ({
  key: name,
  value: {
    apiVersion: 'v1',
    kind: 'ComponentStatus',
    metadata: { name, creationTimestamp: null },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  } as unknown as KubernetesObject,
  revision: 0,
  created: 0,
});

const COMPONENTS = ['controller-manager', 'etcd-0', 'scheduler'].map(componentStatus);

/** Answers a GET; there is nothing else to do with them. */
export function componentStatuses(given: ApiRequest, isWatch: boolean): Answer | ApiStatus {
  const { request, target, kind, query, form } = given;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || isWatch || target.subresource !== undefined) return statusMethodNotAllowed();
  if (target.name !== undefined) {
    const entry = COMPONENTS.find(({ key }) => key === target.name);
    if (entry !== undefined && form.as === 'PartialObjectMetadata') {
      return { code: 200, body: `${metadataText(entry.value, 0)}\n` };
    }
    return entry === undefined ? notFound(kind, target.name) : answerOf(given, entry);
  }
  const selection = selectionOf(kind, undefined, query, undefined);
  if ('status' in selection) return selection;
  const items = COMPONENTS.filter(({ value }) => isSelected(selection, value));
  const page = { items, revision: 0 };
  if (form.as === 'Table') return listTable(given, page);
  return listAnswer(kind, page, form.as === 'PartialObjectMetadataList');
}
