/**
 * conformance/adapters/cni-warm-targets — the steady pools of upstream's two warm-target tables
 * (warm-target-docs.json), reached by the product's own passes.
 *
 * Schema: shared vectors cni/README.md, "warm-target-docs.json". Pods come one at a time and the
 * pool settles after each; EC2 never refuses and nothing cools. A row's `codeGives` is compared:
 * where the documents disagree with upstream's code (`agree` false), the code is right.
 */
import type { Datastore } from '../../src/controllers/vpc-cni/datastore.ts';
import { isDatastoreError } from '../../src/controllers/vpc-cni/datastore-error.ts';
import { freePrefixes, poolStats } from '../../src/controllers/vpc-cni/datastore-view.ts';
import type { EniApi } from '../../src/controllers/vpc-cni/eni-api.ts';
import type { Ipam } from '../../src/controllers/vpc-cni/ipam.ts';
import { lookAtPool } from '../../src/controllers/vpc-cni/ipamd-loop.ts';
import { instanceType } from '../../src/model/ec2/instance-type.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { same } from '../cni-datastore-query.ts';
import {
  HandClock,
  metadata,
  plainDatastore,
  scriptedApi,
  settingsOf,
  type VectorConfig,
  vectorIpam,
} from '../cni-ipam.ts';

interface Row {
  readonly doc?: string;
  readonly type: string;
  readonly config: VectorConfig;
  readonly prefixDelegation: boolean;
  readonly pods: number;
  readonly codeGives: Readonly<Record<string, unknown>>;
}

const isRow = (row: unknown): row is Row =>
  typeof row === 'object' && row !== null && 'codeGives' in row && 'pods' in row && 'type' in row;

const isRowFile = (json: unknown): json is { readonly rows: readonly Row[] } => {
  const { rows } = (json ?? {}) as { rows?: unknown };
  return Array.isArray(rows) && rows.length > 0 && rows.every(isRow);
};

/** Longer than every interval of the pool loop, so that each look may act. */
const BETWEEN_LOOKS_MS = 1_000_000;
/** A pool that needs more looks than this does not settle. */
const LOOKS_MAX = 300;

/** An AWS with endless addresses. */
function endlessApi(prefixes: boolean): EniApi {
  let made = 0;
  let enis = 1;
  const block = (): string => {
    const n = made++;
    if (!prefixes) return `10.1.${n >> 8}.${n & 255}/32`;
    return `10.${n >> 12}.${(n >> 4) & 255}.${(n & 15) * 16}/28`;
  };
  const blocks = (count: number): string[] => Array.from({ length: count }, block);
  return scriptedApi({
    allocIpAddresses: (_eni, count) => Promise.resolve(blocks(count)),
    allocEni: () => Promise.resolve(`eni-${enis++}`),
    waitForEniAndIpsAttached: (eni, count) => {
      const made = blocks(count);
      const with_ = prefixes ? { prefixes: made } : { addresses: made };
      return Promise.resolve(metadata(eni, enis, with_));
    },
  });
}

const shape = (store: Datastore): string =>
  [...store.enis.values()].map((eni) => `${eni.id}:${[...eni.ipv4.keys()].join()}`).join(';');

async function settle(ipam: Ipam, store: Datastore, clock: HandClock): Promise<void> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const before = shape(store);
    clock.nowMs += BETWEEN_LOOKS_MS;
    await lookAtPool(ipam);
    if (shape(store) === before) return;
  }
}

async function steadyPool(row: Row): Promise<Readonly<Record<string, unknown>>> {
  const type = instanceType(row.type);
  if (type === undefined) return { error: `unknown type ${row.type}` };
  const clock = new HandClock(BETWEEN_LOOKS_MS);
  const store = plainDatastore(clock, row.prefixDelegation, 0);
  const perEni = type.ipv4PerEni - 1;
  const config: VectorConfig = {
    warmENITarget: 1,
    ...row.config,
    maxENI: type.maxEnis,
    maxIPsPerENI: row.prefixDelegation ? perEni * 16 : perEni,
    maxPrefixesPerENI: perEni,
    maxPods: Number.MAX_SAFE_INTEGER,
    enablePrefixDelegation: row.prefixDelegation,
  };
  const settings = settingsOf(config);
  const ipam = vectorIpam({
    clock,
    config,
    settings: () => settings,
    stores: new Map([[0, store]]),
    api: endlessApi(row.prefixDelegation),
    primaryEniId: 'eni-0',
  });
  store.addEni('eni-0', {
    deviceNumber: 0,
    isPrimary: true,
    isTrunk: false,
    isEfa: false,
    routeTableId: 254,
    subnetId: '',
  });
  await settle(ipam, store, clock);
  for (let pod = 0; pod < row.pods; pod++) {
    const key = { networkName: 'aws-cni', containerId: `c${pod}`, ifName: 'eth0' };
    const assigned = store.assign(key, {}, 4);
    if (isDatastoreError(assigned)) return { error: assigned.message, at: pod };
    await settle(ipam, store, clock);
  }
  const stats = poolStats(store, 4);
  return {
    enis: store.enis.size,
    ips: stats.totalIps,
    unused: stats.totalIps - stats.assignedIps,
    prefixes: stats.totalPrefixes,
    freePrefixes: freePrefixes(store),
    perENI: [...store.enis.values()].map((eni) => eni.ipv4.size),
  };
}

async function runRow(row: Row): Promise<CaseResult> {
  const name = `${row.type} ${JSON.stringify(row.config)} with ${row.pods} pods`;
  const got = await steadyPool(row);
  const wanted = Object.keys(row.codeGives);
  const compared = Object.fromEntries(wanted.map((key) => [key, got[key]]));
  if (same(compared, row.codeGives)) return { name };
  return {
    name,
    failure: `got ${JSON.stringify(got)}, wanted ${JSON.stringify(row.codeGives)}`,
  };
}

export const adapter: Adapter = {
  name: 'cni/warm-target-docs',
  accepts: (_path, json) => isRowFile(json),
  run: async (json) => {
    if (!isRowFile(json)) return [];
    const results: CaseResult[] = [];
    for (const row of json.rows) results.push(await runRow(row));
    return results;
  },
};
