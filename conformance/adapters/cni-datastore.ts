/**
 * conformance/adapters/cni-datastore — sequences of datastore operations (datastore-sequences.json)
 * against the product's datastore and warm targets.
 *
 * Schema: shared vectors cni/README.md, "datastore-sequences.json".
 */
import type { IpamKey, IpamMetadata } from '../../src/controllers/vpc-cni/address.ts';
import type { Checkpoint } from '../../src/controllers/vpc-cni/checkpoint.ts';
import { Datastore } from '../../src/controllers/vpc-cni/datastore.ts';
import {
  type DatastoreError,
  isDatastoreError,
} from '../../src/controllers/vpc-cni/datastore-error.ts';
import { removeUnusedEni } from '../../src/controllers/vpc-cni/datastore-view.ts';
import { decreasePool } from '../../src/controllers/vpc-cni/pool-decrease.ts';
import { isPoolTooLow, targetState } from '../../src/controllers/vpc-cni/pool-targets.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { checkExpectation, holds, same } from '../cni-datastore-query.ts';
import { HandClock, scriptedApi, settingsOf, type VectorConfig, vectorIpam } from '../cni-ipam.ts';

type Json = Readonly<Record<string, unknown>>;

interface Step extends Json {
  readonly op: string;
  readonly args?: Json & { readonly ds?: string };
  readonly line?: number;
  readonly expect?: Json;
  readonly query?: readonly unknown[];
  readonly allocations?: readonly Json[];
}

interface StoreConfig {
  readonly isPDEnabled?: boolean;
  readonly networkCard?: number;
  readonly cooldownSeconds?: number;
}

interface Sequence {
  readonly name: string;
  readonly config: StoreConfig;
  readonly datastores?: Readonly<Record<string, StoreConfig>> | null;
  readonly steps: readonly Step[];
}

const isSequence = (value: unknown): value is Sequence =>
  typeof value === 'object' &&
  value !== null &&
  Array.isArray((value as { steps?: unknown }).steps) &&
  'isPDEnabled' in ((value as { config?: object | null }).config ?? {});

const isSequenceFile = (json: unknown): json is { readonly vectors: readonly Sequence[] } => {
  const { vectors } = (json ?? {}) as { vectors?: unknown };
  return Array.isArray(vectors) && vectors.length > 0 && vectors.every(isSequence);
};

/** Any time a sequence may start at; old enough that "created at zero" is long ago. */
const START_MS = 1_000_000_000;

class Run {
  readonly clock = new HandClock(START_MS);
  readonly stores = new Map<string, Datastore>();
  readonly written = new Map<Datastore, Checkpoint>();
  readonly results: Json[] = [];
  readonly failures: string[] = [];
  checkpointError: string | undefined;
  config: VectorConfig = {};

  constructor(sequence: Sequence) {
    const configs = Object.entries(sequence.datastores ?? { ds: sequence.config });
    for (const [name, config] of configs) this.stores.set(name, this.#create(config));
  }

  #create(config: StoreConfig): Datastore {
    const store: Datastore = new Datastore({
      clock: this.clock,
      prefixDelegation: config.isPDEnabled ?? false,
      networkCard: config.networkCard ?? 0,
      cooldownMs: (config.cooldownSeconds ?? 30) * 1_000,
      writeCheckpoint: (content) => {
        if (this.checkpointError === undefined) this.written.set(store, content());
        return this.checkpointError;
      },
    });
    return store;
  }

  storeOf(step: Step): Datastore {
    const named = this.stores.get(String(step.ds ?? step.args?.ds ?? ''));
    return named ?? [...this.stores.values()][0]!;
  }
}

const keyOf = (raw: Json): IpamKey => ({
  networkName: String(raw.networkName ?? raw.NetworkName ?? ''),
  containerId: String(raw.containerID ?? raw.ContainerID ?? ''),
  ifName: String(raw.ifName ?? raw.IfName ?? ''),
});

const metadataOf = (raw: Json | undefined): IpamMetadata => ({
  k8sPodNamespace: (raw?.K8SPodNamespace ?? raw?.k8sPodNamespace) as string | undefined,
  k8sPodName: (raw?.K8SPodName ?? raw?.k8sPodName) as string | undefined,
  interfacesCount: (raw?.InterfacesCount ?? raw?.interfacesCount) as number | undefined,
});

/** Upstream names of a result's fields; an error is its text. */
function outcome(result: unknown): Json {
  if (isDatastoreError(result)) return { error: result.message };
  if (typeof result !== 'object' || result === null) return { error: null };
  const { routeTableId, eniId, ...rest } = result as Record<string, unknown>;
  return {
    ...rest,
    ...(routeTableId === undefined ? {} : { routeTableID: routeTableId }),
    ...(eniId === undefined ? {} : { eni: eniId }),
    error: null,
  };
}

const unknownEni: DatastoreError = {
  kind: 'datastore-error',
  message: 'datastore: unknown ENI',
};

type Operation = (run: Run, store: Datastore, args: Json, step: Step) => unknown;

const assign =
  (family: 4 | 6): Operation =>
  (_run, store, { key, metadata }) =>
    store.assign(keyOf(key as Json), metadataOf(metadata as Json), family);

const addCidr: Operation = (_run, store, { eni, cidr, isPrefix }) =>
  store.addCidr(String(eni), String(cidr), isPrefix === true);

const deleteCidr: Operation = (_run, store, { eni, cidr, force }) =>
  store.deleteCidr(String(eni), String(cidr), force === true);

/** The key itself, or that of whichever pod sits on an ENI. */
function keyToRelease(store: Datastore, args: Json): IpamKey {
  const selector = args.keySelector as { readonly assignedOnENI: string } | undefined;
  if (selector === undefined) return keyOf(args.key as Json);
  for (const { eni, address } of store.assignments())
    if (eni.id === selector.assignedOnENI) return address.owner!;
  return { networkName: '', containerId: '', ifName: '' };
}

const ipamOf = (run: Run, store: Datastore) =>
  vectorIpam({
    clock: run.clock,
    config: run.config,
    settings: () => settingsOf(run.config),
    stores: new Map([[store.networkCard, store]]),
    api: scriptedApi({}),
  });

const OPERATIONS: Readonly<Record<string, Operation>> = {
  NewDataStore: () => undefined,
  Note: () => undefined,
  AddENI: (_run, store, args) =>
    store.addEni(String(args.eni), {
      deviceNumber: Number(args.deviceNumber ?? 0),
      isPrimary: args.isPrimary === true,
      isTrunk: args.isTrunk === true,
      isEfa: args.isEFA === true,
      routeTableId: Number(args.routeTableID ?? 0),
      subnetId: String(args.subnetID ?? ''),
    }),
  RemoveENIFromDataStore: (_run, store, { eni, force }) =>
    store.removeEni(String(eni), force === true),
  AddIPv4CidrToStore: addCidr,
  AddIPv6CidrToStore: addCidr,
  DelIPv4CidrFromStore: deleteCidr,
  DelIPv6CidrFromStore: deleteCidr,
  AssignPodIPv4Address: assign(4),
  AssignPodIPv6Address: assign(6),
  UnassignPodIPAddress: (_run, store, args) => store.unassign(keyToRelease(store, args)),
  RemoveUnusedENIFromStore: (_run, store, args) => ({
    eni:
      removeUnusedEni(store, {
        warmIpTarget: Number(args.warmIPTarget ?? 0),
        minimumIpTarget: Number(args.minimumIPTarget ?? 0),
        warmPrefixTarget: Number(args.warmPrefixTarget ?? 0),
      }) ?? '',
  }),
  SetENIExcludedForPodIPs: (_run, store, { eni, excluded }) =>
    store.setExcluded(String(eni), excluded === true),
  GetENICIDRs: (_run, store, { eni }) => {
    const found = store.enis.get(String(eni));
    if (found === undefined) return unknownEni;
    const pools = [...found.ipv4.values()];
    return {
      ips: pools.filter((pool) => !pool.isPrefix).map((pool) => pool.cidr.split('/')[0]),
      prefixes: pools.filter((pool) => pool.isPrefix).map((pool) => pool.cidr),
    };
  },
  DeallocateEmptyCIDR: (_run, store, { eni, cidr }) =>
    store.dropEmptyCidr(String(eni), String(cidr)),
  SetPDEnabled: (_run, store, { value }) => {
    store.prefixDelegation = value === true;
  },
  SetCheckpointError: (run, _store, { error }) => {
    run.checkpointError = error === null || error === undefined ? undefined : String(error);
  },
  SetENICreateTime: (_run, store, { eni }) => {
    const found = store.enis.get(String(eni));
    if (found !== undefined) found.createdAtMs = Number.NEGATIVE_INFINITY;
  },
  SetUnassignedTime: (_run, store, { ip, eni }) => {
    for (const one of store.enis.values()) {
      if (eni !== undefined && one.id !== eni) continue;
      for (const pool of one.ipv4.values())
        for (const address of pool.addresses.values())
          if (ip === undefined || address.ip === ip) address.unassignedAtMs = undefined;
    }
  },
  AdvanceClock: (run, store, { seconds }) => {
    run.clock.nowMs += typeof seconds === 'number' ? seconds * 1_000 : store.cooldownMs + 1;
  },
  InjectAssignedIP: (_run, store, { eni, cidr, ip, key }) => {
    const pool = store.enis.get(String(eni))?.ipv4.get(String(cidr));
    if (pool === undefined) return unknownEni;
    // The place in the block does not matter: the sequence only counts what is assigned.
    const address = pool.take(String(ip), pool.addresses.size);
    address.owner = keyOf((key ?? {}) as Json);
    pool.assigned++;
    return undefined;
  },
  NewIPAMContext: (run, _store, args) => {
    run.config = args as VectorConfig;
  },
  SetIPAMConfig: (run, _store, args) => {
    run.config = { ...run.config, ...(args as VectorConfig) };
  },
  DatastoreTargetState: (run, store) => targetState(settingsOf(run.config), store),
  IsDatastorePoolTooLow: (run, store) => ({ isLow: isPoolTooLow(settingsOf(run.config), store) }),
  DecreaseDatastorePool: (run, store) => decreasePool(ipamOf(run, store), store),
  Expect: (run, store, _args, step) => {
    const failure = checkExpectation(step, store, run.stores, run.results);
    if (failure !== undefined) run.failures.push(`line ${step.line}: ${failure}`);
  },
  ExpectCheckpoint: (run, store, _args, step) => {
    const got = (run.written.get(store)?.allocations ?? []).map((one) =>
      [one.networkName, one.containerID, one.ifName, one.ipv4 ?? one.ipv6, one.metadata.k8sPodName]
        .map((part) => part ?? '')
        .join('|'),
    );
    const want = (step.allocations ?? []).map((one) => {
      const key = keyOf((one.IPAMKey ?? one) as Json);
      const ip = one.ipv4 ?? one.IPv4 ?? one.ipv6 ?? one.IPv6;
      const pod = metadataOf((one.metadata ?? one.Metadata) as Json).k8sPodName;
      return [key.networkName, key.containerId, key.ifName, ip ?? '', pod ?? ''].join('|');
    });
    if (!same(got.sort(), want.sort()))
      run.failures.push(`line ${step.line}: checkpoint has ${got}, wanted ${want}`);
  },
};

async function runSequence(sequence: Sequence): Promise<CaseResult> {
  const run = new Run(sequence);
  for (const step of sequence.steps) {
    const operation = OPERATIONS[step.op];
    if (operation === undefined) {
      run.failures.push(`line ${step.line}: operation ${step.op} is not in the set's README`);
      continue;
    }
    const args = step.args ?? {};
    const result = outcome(await operation(run, run.storeOf(step), args, step));
    run.results.push(result);
    const expected = Object.entries(step.expect ?? {});
    for (const [key, wanted] of expected) {
      if (holds(result, key, wanted, run.results)) continue;
      run.failures.push(
        `line ${step.line}: ${step.op} ${key}: got ${JSON.stringify(result)}, wanted ` +
          JSON.stringify(wanted),
      );
    }
    if (expected.length === 0 && result.error)
      run.failures.push(`line ${step.line}: ${step.op} failed: ${String(result.error)}`);
  }
  if (run.failures.length === 0) return { name: sequence.name };
  return { name: sequence.name, failure: run.failures.slice(0, 4).join('; ') };
}

export const adapter: Adapter = {
  name: 'cni/datastore-sequences',
  accepts: (_path, json) => isSequenceFile(json),
  run: async (json) => {
    if (!isSequenceFile(json)) return [];
    const results: CaseResult[] = [];
    for (const sequence of json.vectors) results.push(await runSequence(sequence));
    return results;
  },
};
