/**
 * conformance/batfish-snapshot — a Batfish snapshot of AWS (one folder of describe-* documents, or
 * one for each account and region) read into a store by the product's own readers.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { adopt } from '../src/cloud/adoption.ts';
import { emptyExport, isAwsDocument, readAwsDocument } from '../src/formats/aws/aws-documents.ts';
import { completeExport } from '../src/formats/complete-export.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../src/model/kinds.ts';
import { Store } from '../src/sim/store.ts';

export interface Snapshot {
  readonly store: TwinStore;
  /** Names of devices with a configuration file of their own. */
  readonly routers: ReadonlySet<string>;
}

const filesUnder = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesUnder(join(path, name)))
    : [path];

/** Lists that Batfish collects from one call per table; the calls' own answers are inside. */
const COLLECTED = [
  'TransitGatewayStaticRoutes',
  'TransitGatewayPropagations',
  'LoadBalancerListeners',
  'LoadBalancerTargetHealth',
  'LoadBalancerAttributes',
];

function documentsIn(file: string): readonly unknown[] {
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const collected = COLLECTED.find((member) => Array.isArray(json[member]));
  return collected === undefined ? [json] : (json[collected] as unknown[]);
}

function routersIn(folder: string): ReadonlySet<string> {
  if (!existsSync(folder)) return new Set();
  const names = filesUnder(folder).map(
    (file) =>
      /^\s*(?:hostname|host-name|set hostname)\s+(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1],
  );
  return new Set(names.filter((name) => name !== undefined));
}

/** Reads one snapshot folder. */
export function readSnapshot(folder: string): Snapshot {
  const read = emptyExport();
  for (const file of filesUnder(join(folder, 'aws_configs'))) {
    if (!file.endsWith('.json')) continue;
    for (const value of documentsIn(file))
      if (isAwsDocument(value)) readAwsDocument({ file, value, where: () => file }, read);
  }
  completeExport(read, undefined);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const nouns = Object.fromEntries(
    Object.entries(read.nouns).map(([kind, byKey]) => [kind, [...byKey.values()]]),
  );
  adopt(store, nouns);
  return { store, routers: routersIn(join(folder, 'configs')) };
}
