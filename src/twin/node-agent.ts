/**
 * twin/node-agent — what a person on the node would look at: the files of the network plugin and
 * the two pages ipamd serves on the node's loopback.
 */

import { checkpointPath, type NodeDisk } from '../controllers/vpc-cni/checkpoint.ts';
import { CONFLIST_PATH, conflist, type NodeAddresses } from '../controllers/vpc-cni/conflist.ts';
import { introspect } from '../controllers/vpc-cni/introspection.ts';
import type { Ipamd } from '../controllers/vpc-cni/ipamd.ts';
import { metricsOf } from '../controllers/vpc-cni/metrics.ts';
import { type Metric, metricsText } from '../model/prometheus.ts';

/** Pages of 127.0.0.1:61679. */
export const INTROSPECTION_PAGES = [
  '/v1/enis',
  '/v1/eni-configs',
  '/v1/networkutils-env-settings',
  '/v1/ipamd-env-settings',
] as const;

export interface NodeAgent {
  /** Path → text; the conflist is there once ipamd has been healthy. */
  readonly files: ReadonlyMap<string, string>;
  /** What :61678/metrics answers. */
  metrics(): string;
  /** The same as values; none when its metrics are off. */
  metricValues(): readonly Metric[];
  /** What 127.0.0.1:61679 answers; undefined = 404. */
  introspection(page: string): unknown;
}

const asText = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** Reads the daemon and its disk as they are now. */
export function nodeAgent(
  ipamd: Ipamd,
  disk: NodeDisk,
  isReady: boolean,
  node: NodeAddresses,
): NodeAgent {
  const { ipam } = ipamd;
  const files = new Map<string, string>();
  if (isReady) files.set(CONFLIST_PATH, asText(conflist(ipam.env, node)));
  for (const networkCard of ipam.stores.keys()) {
    const path = checkpointPath(ipam.env.backingStore, networkCard);
    const checkpoint = disk.read(path);
    if (checkpoint !== undefined) files.set(path, asText(checkpoint));
  }
  return {
    files,
    metrics: () => metricsText(metricsOf(ipam)),
    metricValues: () => metricsOf(ipam),
    introspection: (page) => introspect(ipam, page),
  };
}
