/**
 * analysis/load-balancer/preview/planned-change — one AWS resource that applying files would
 * create, change, replace or delete.
 */

/** `replace`: AWS cannot change it, so that a new one is made and the old one goes. */
export type PlannedAction = 'create' | 'change' | 'replace' | 'delete';

export interface PlannedChange {
  readonly action: PlannedAction;
  /** `load balancer`, `listener`, `security group`… */
  readonly kind: string;
  readonly name: string;
  /** What it will be; of a change, what changes: `Scheme: internal -> internet-facing`. */
  readonly details: readonly string[];
}

/** One resource of a store, as a plan looks at it. */
export interface PlannedResource {
  readonly kind: string;
  /** By which it is the same before and after. */
  readonly key: string;
  readonly name: string;
  /** By which the new one of a replacement is known: its controller's tags. */
  readonly role: string | undefined;
  /** Its fields in words; a list is compared member by member. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
}

/** Changes from one set of resources to another, in the order of the second. */
export function plannedChanges(
  before: readonly PlannedResource[],
  after: readonly PlannedResource[],
): PlannedChange[] {
  const known = new Map(before.map((it) => [`${it.kind} ${it.key}`, it]));
  const kept = new Set(after.map((it) => `${it.kind} ${it.key}`));
  const gone = before.filter((it) => !kept.has(`${it.kind} ${it.key}`));
  const replaced = new Set<PlannedResource>();
  const changes = after.flatMap((it): PlannedChange[] => {
    const { kind, name } = it;
    const same = known.get(`${kind} ${it.key}`);
    if (same !== undefined) {
      const details = differences(same, it);
      return details.length === 0 ? [] : [{ action: 'change', kind, name, details }];
    }
    const old = gone.find(
      (other) => other.kind === kind && other.role !== undefined && other.role === it.role,
    );
    if (old === undefined) return [{ action: 'create', kind, name, details: told(it) }];
    replaced.add(old);
    const details = [`instead of ${old.name}`, ...differences(old, it)];
    return [{ action: 'replace', kind, name, details }];
  });
  const deleted = gone
    .filter((it) => !replaced.has(it))
    .map(({ kind, name }): PlannedChange => ({ action: 'delete', kind, name, details: [] }));
  return [...changes, ...deleted];
}

/** Fields of which a new resource has dozens by default: they count where they change. */
const OF_CHANGES = new Set(['Attributes']);

const told = ({ fields }: PlannedResource): string[] =>
  Object.entries(fields)
    .filter(([field]) => !OF_CHANGES.has(field))
    .flatMap(([field, value]) =>
      typeof value === 'string' ? [`${field}: ${value}`] : value.map((it) => `${field}: ${it}`),
    );

function differences(before: PlannedResource, after: PlannedResource): string[] {
  const fields = new Set([...Object.keys(before.fields), ...Object.keys(after.fields)]);
  return [...fields].flatMap((field) => {
    const [was, is] = [before.fields[field] ?? [], after.fields[field] ?? []];
    if (typeof was === 'string' || typeof is === 'string') {
      return String(was) === String(is) ? [] : [`${field}: ${shown(was)} -> ${shown(is)}`];
    }
    const added = is.filter((it) => !was.includes(it)).map((it) => `${field}: + ${it}`);
    const removed = was.filter((it) => !is.includes(it)).map((it) => `${field}: - ${it}`);
    return [...added, ...removed];
  });
}

const shown = (value: string | readonly string[]): string =>
  value.length === 0 ? 'none' : String(value);
