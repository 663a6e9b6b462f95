/**
 * controllers/endpoint-slice/slice-changes — fits the wanted endpoints into slices with few writes:
 * what is there is updated in place, slices that change anyway are filled up, then the fullest
 * slice with room, then new ones.
 *
 * Upstream: kubernetes/endpointslice@daa4d01 reconciler.go:500 reconcileByPortMapping.
 */
import type { Endpoint, EndpointSlice } from '../../model/kubernetes/networking.ts';
import { endpointKey, isSameEndpoint } from './endpoint.ts';

/** kube-controller-manager --max-endpoints-per-slice. */
export const MAX_PER_SLICE = 100;

/** A slice that is there, or a new one without a name. */
export interface Draft {
  readonly before: EndpointSlice | undefined;
  endpoints: Endpoint[];
  /** Something besides hints differs from what is stored. */
  changed: boolean;
}

export interface SliceChanges {
  readonly kept: Draft[];
  readonly created: Draft[];
  readonly deleted: EndpointSlice[];
}

/**
 * Plans the slices of one set of ports.
 *
 * @param wanted  endpoints by `endpointKey`; what is placed is taken out
 * @param areLabelsStale  the slice's labels must be written anew
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  wanted: Map<string, Endpoint>,
  areLabelsStale: (slice: EndpointSlice) => boolean,
): SliceChanges {
  const kept: Draft[] = [];
  const deleted: EndpointSlice[] = [];
  for (const before of existing) {
    const { endpoints, changed } = keepWanted(before, wanted);
    if (changed && endpoints.length === 0) deleted.push(before);
    else kept.push({ before, endpoints, changed: changed || areLabelsStale(before) });
  }
  const created: Draft[] = [];
  const left = wanted.values();
  let remaining = wanted.size;
  const fill = (draft: Draft): void => {
    draft.changed = true;
    while (remaining > 0 && draft.endpoints.length < MAX_PER_SLICE) {
      draft.endpoints.push(left.next().value!);
      remaining--;
    }
  };
  const changing = kept.filter((draft) => draft.changed).sort(fullestFirst);
  for (const draft of changing) if (remaining > 0) fill(draft);
  while (remaining > 0) {
    const spare = remaining < MAX_PER_SLICE ? sliceToFill(kept, remaining) : undefined;
    const draft = spare ?? { before: undefined, endpoints: [], changed: true };
    fill(draft);
    if (spare === undefined) created.push(draft);
  }
  wanted.clear();
  return { kept, created, deleted };
}

/** The slice's endpoints that are still wanted, as they should be now. */
function keepWanted(
  before: EndpointSlice,
  wanted: Map<string, Endpoint>,
): { readonly endpoints: Endpoint[]; readonly changed: boolean } {
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const endpoint of before.endpoints) {
    const key = endpointKey(endpoint);
    const now = wanted.get(key);
    if (now === undefined) {
      changed = true;
      continue;
    }
    wanted.delete(key);
    if (isSameEndpoint(now, endpoint)) endpoints.push(endpoint);
    else {
      endpoints.push(endpoint.hints === undefined ? now : { ...now, hints: endpoint.hints });
      changed = true;
    }
  }
  return { endpoints, changed };
}

const fullestFirst = (a: Draft, b: Draft): number => b.endpoints.length - a.endpoints.length;

/** utils.go getSliceToFill: of the unchanged slices that take all of them, the fullest. */
function sliceToFill(kept: readonly Draft[], count: number): Draft | undefined {
  let best: Draft | undefined;
  for (const draft of kept) {
    if (draft.changed || draft.endpoints.length + count > MAX_PER_SLICE) continue;
    if (best === undefined || draft.endpoints.length > best.endpoints.length) best = draft;
  }
  return best;
}
