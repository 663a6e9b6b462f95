/** cli/render/whois — what is known of an address, one fact a line under what it is. */
import type { Identity, Named } from '../../analysis/whois/identity.ts';
import { table } from './table.ts';

const named = ({ id, name }: Named): string => (name === undefined ? id : `${id} (${name})`);

/** Facts in the order people ask for them; empty ones are left out. */
function facts(identity: Identity): readonly (readonly [string, string])[] {
  const { subnet, vpc, networkInterface, securityGroups, pods, ranges = [] } = identity;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ...pods.map((pod, at) => [at === 0 ? 'pod' : '', pod] as const),
    ['service', identity.service],
    ['node', identity.node],
    ['instance', identity.instance],
    ['interface', networkInterface && named(networkInterface)],
    ['told by', identity.because],
    ['public ip', identity.publicIp],
    ['subnet', subnet && `${named(subnet)} ${subnet.cidr} in ${subnet.zone}`],
    ['vpc', vpc && named(vpc)],
    ...securityGroups.map(
      (group, at) => [at === 0 ? 'security groups' : '', named(group)] as const,
    ),
    ...ranges.map((range, at) => [at === 0 ? 'known blocks' : '', range] as const),
  ];
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const]));
}

/** The sentence, then the facts, indented. */
export function identityLines(identity: Identity): readonly string[] {
  const lines = table(
    [
      { head: '', cell: ([label]) => label },
      { head: '', cell: ([, value]) => value },
    ],
    facts(identity),
    { heads: false },
  );
  return [`${identity.address}: ${identity.what}`, ...lines.map((line) => `  ${line}`)];
}
