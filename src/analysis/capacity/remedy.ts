/** analysis/capacity/remedy — one remedy, what it is worked out from, and how its gain is told. */
import type { CniVariables } from './cni-environment.ts';
import type { Stop } from './evidence.ts';
import type { SettingRow } from './settings.ts';
import type { SubnetLedger } from './subnet-usage.ts';

export interface Remedy {
  readonly title: string;
  /** 1 = one command, no restart of anything; 5 = a new cluster. */
  readonly effort: 1 | 2 | 3 | 4 | 5;
  /** Commands or fields to change, in order. */
  readonly commands: readonly string[];
  /** What it brings, with its number. */
  readonly yields: string;
  readonly caveat: string;
}

export interface RemedyQuestion {
  /** Every subnet of the VPC. */
  readonly ledgers: readonly SubnetLedger[];
  /** Ids of subnets that have nodes. */
  readonly nodeSubnets: readonly string[];
  /** VPC blocks, to choose a further one beside. */
  readonly vpcCidrs: readonly string[];
  readonly vpcId: string;
  readonly clusterName: string;
  readonly subnetDiscovery: boolean;
  /** aws-node's variables as they are. */
  readonly variables: CniVariables;
  readonly securityGroupIds: readonly string[];
  /** The first is the present state. */
  readonly rows: readonly SettingRow[];
  /** What stops the next pod, or the next node. */
  readonly stop: Stop | undefined;
}

/** `3 more pods`, `1 more pod`. */
export const morePods = (count: number): string => `${count} more pod${count === 1 ? '' : 's'}`;

/** What a row brings compared with the present one: addresses given back, pods more. */
export function gainOf(
  row: SettingRow | undefined,
  rows: readonly SettingRow[],
): { readonly addresses: number; readonly pods: number } {
  const now = rows[0];
  if (row === undefined || now === undefined) return { addresses: 0, pods: 0 };
  return { addresses: now.addresses - row.addresses, pods: row.podsMax - now.podsMax };
}

/** Those of `variables` that differ from what is set; absent and `false` or empty are the same. */
export function changedVariables(variables: CniVariables, set: CniVariables): CniVariables {
  const plain = (value: string | undefined): string => (value === 'false' ? '' : (value ?? ''));
  return Object.fromEntries(
    Object.entries(variables).filter(([key, value]) => plain(value) !== plain(set[key])),
  );
}

/** The command that sets variables on aws-node; unset ones are written `NAME-`. */
export function setEnvCommand(variables: CniVariables): string {
  const words = Object.entries(variables).map(([key, value]) =>
    value === '' ? `${key}-` : `${key}=${value}`,
  );
  return `kubectl set env daemonset/aws-node -n kube-system ${words.join(' ')}`;
}
