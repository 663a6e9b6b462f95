/**
 * controllers/external-dns/plan — what to create, change and delete, so that the records are what
 * the objects want; of what others own, nothing.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a plan/plan.go, conflict.go, policy.go.
 */
import { compareTargets, type Endpoint, OWNER, RESOURCE, sameTargets } from './endpoint.ts';
import type { Policy } from './settings.ts';

export interface Changes {
  readonly create: readonly Endpoint[];
  readonly update: readonly Update[];
  readonly remove: readonly Endpoint[];
  /** What would be made or changed, were it not somebody else's. */
  readonly foreign: readonly ForeignRecord[];
}

export interface Update {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** A record that is in the way, and who wants its name. */
export interface ForeignRecord {
  readonly current: Endpoint;
  readonly wanted: Endpoint;
}

interface PlanInput {
  readonly policy: Policy;
  /** Empty where nobody owns anything. */
  readonly ownerId: string;
  readonly current: readonly Endpoint[];
  readonly desired: readonly Endpoint[];
}

/** All that concerns one name and set identifier, by type of record. */
interface Row {
  readonly current: Map<string, Endpoint>;
  readonly candidates: Map<string, Endpoint[]>;
}

/** What moves the current records to the desired ones. */
export function planChanges({ policy, ownerId, current, desired }: PlanInput): Changes {
  const create: Endpoint[] = [];
  const update: Update[] = [];
  const remove: Endpoint[] = [];
  const foreign: ForeignRecord[] = [];
  const isOwned = (endpoint: Endpoint): boolean =>
    ownerId === '' || endpoint.labels[OWNER] === ownerId;
  for (const row of rowsOf(current, desired)) {
    const made: Endpoint[] = [];
    for (const type of new Set([...row.current.keys(), ...row.candidates.keys()])) {
      const [from, to] = [row.current.get(type), row.candidates.get(type) ?? []];
      if (from === undefined) made.push(...to.slice(0, 1));
      else if (to.length === 0) remove.push(from);
      else {
        const chosen = to.find((it) => it.labels[RESOURCE] === from.labels[RESOURCE]) ?? to[0]!;
        if (!isChanged(from, chosen)) continue;
        if (!isOwned(from)) foreign.push({ current: from, wanted: chosen });
        const labels: Record<string, string> = { ...chosen.labels };
        if (from.labels[OWNER] !== undefined) labels[OWNER] = from.labels[OWNER];
        update.push({ from, to: { ...chosen, labels } });
      }
    }
    const inTheWay = [...row.current.values()].find((it) => !isOwned(it));
    if (inTheWay === undefined) create.push(...made);
    else foreign.push(...made.map((wanted) => ({ current: inTheWay, wanted })));
  }
  return {
    create,
    update: policy === 'create-only' ? [] : update.filter(({ from }) => isOwned(from)),
    remove: policy === 'sync' ? remove.filter(isOwned) : [],
    foreign,
  };
}

function rowsOf(current: readonly Endpoint[], desired: readonly Endpoint[]): Iterable<Row> {
  const rows = new Map<string, Row>();
  const rowOf = ({ dnsName, setIdentifier }: Endpoint): Row => {
    const key = `${dnsName.toLowerCase()} ${setIdentifier}`;
    const row = rows.get(key) ?? { current: new Map(), candidates: new Map() };
    rows.set(key, row);
    return row;
  };
  for (const endpoint of current) rowOf(endpoint).current.set(endpoint.recordType, endpoint);
  for (const endpoint of desired) {
    const { candidates } = rowOf(endpoint);
    const ofType = candidates.get(endpoint.recordType) ?? [];
    candidates.set(endpoint.recordType, [...ofType, endpoint]);
  }
  for (const { candidates } of rows.values()) {
    // A name with a CNAME can have no other record: of both, the CNAME is not wanted.
    if (candidates.size > 1) candidates.delete('CNAME');
    for (const ofType of candidates.values()) {
      ofType.sort((a, b) => compareTargets(a.targets, b.targets));
    }
  }
  return rows.values();
}

/** Whether a record has to be written anew. */
function isChanged(from: Endpoint, to: Endpoint): boolean {
  if (!sameTargets(from.targets, to.targets)) return true;
  if (to.ttlSeconds > 0 && to.ttlSeconds !== from.ttlSeconds) return true;
  const names = new Set([...Object.keys(from.properties), ...Object.keys(to.properties)]);
  return [...names].some((name) => from.properties[name] !== to.properties[name]);
}
