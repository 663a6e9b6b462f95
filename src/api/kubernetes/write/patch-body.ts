/** api/kubernetes/write/patch-body — a patch as it came: of which form, and its JSON. */
import type { IncomingMessage } from 'node:http';
import { statusBadRequest } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import { statusUnsupportedMediaType } from '../rest-status.ts';
import { goJsonError } from './go-json-error.ts';
import { mediaTypeOf } from './request-body.ts';

export type PatchType = 'json' | 'merge' | 'strategic';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

export const APPLY_TYPE = 'application/apply-patch+yaml';

export interface Patch {
  readonly type: PatchType;
  readonly body: unknown;
}

/** The refusal of a form nobody knows. */
export const patchTypeRefusal = (request: IncomingMessage): ApiStatus | undefined => {
  const media = mediaTypeOf(request);
  return media in PATCH_TYPES || media === APPLY_TYPE
    ? undefined
    : statusUnsupportedMediaType([...Object.keys(PATCH_TYPES), APPLY_TYPE]);
};

export function patchIn(request: IncomingMessage, bytes: Buffer): Patch | ApiStatus {
  const type = PATCH_TYPES[mediaTypeOf(request)];
  if (type === undefined) return statusUnsupportedMediaType(Object.keys(PATCH_TYPES));
  const text = bytes.toString();
  try {
    return { type, body: JSON.parse(text) };
  } catch {
    return statusBadRequest(`error decoding patch: ${goJsonError(text)}`);
  }
}
