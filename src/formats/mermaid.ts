/**
 * formats/mermaid — the network as a mermaid graph: VPC, its subnets, their nodes and how many pods
 * each runs, and where each subnet's packets leave the VPC.
 *
 * Reads: VPCs, subnets, route tables, instances, Nodes, Pods.  Writes: nothing.
 */
import type { Instance } from '../model/ec2/instance.ts';
import type { RouteTable } from '../model/ec2/route-table.ts';
import type { Subnet } from '../model/ec2/subnet.ts';
import type { TwinStore } from '../model/kinds.ts';

/** Subnets with more nodes than this are drawn as one box. */
const NODES_DRAWN_MAX = 12;

/** Mermaid ids hold no dots or slashes; labels hold no quotes. */
const id = (text: string): string => text.replaceAll(/[^a-zA-Z0-9_]/g, '_');
const label = (...lines: readonly string[]): string =>
  `"${lines.join('<br/>').replaceAll('"', '#quot;')}"`;

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** The table a subnet uses: its own, or the VPC's main one. */
function tableOf(store: TwinStore, subnet: Subnet): RouteTable | undefined {
  const tables = store.lookup('ec2/route-table', 'vpc', subnet.vpcId);
  const own = tables.find((table) =>
    table.associations.some(({ subnetId }) => subnetId === subnet.subnetId),
  );
  return own ?? tables.find((table) => table.associations.some(({ main }) => main));
}

/** Targets of the routes out of the VPC, e.g. `0.0.0.0/0` → `nat-…`. */
function exitsOf(store: TwinStore, subnet: Subnet): { destination: string; target: string }[] {
  return (tableOf(store, subnet)?.routes ?? []).flatMap(({ destination, target }) => {
    if (target.kind === 'local') return [];
    const text = destination.kind === 'prefix-list' ? destination.prefixListId : destination.cidr;
    return [{ destination: text, target: target.id }];
  });
}

function nodeLines(store: TwinStore, instances: readonly Instance[]): string[] {
  const podsOf = ({ instanceId }: Instance): number => {
    const node = store.lookup('Node', 'instance', instanceId)[0];
    return node === undefined ? 0 : store.lookupKeys('Pod', 'node', node.metadata.name).size;
  };
  if (instances.length > NODES_DRAWN_MAX) {
    const pods = instances.reduce((sum, instance) => sum + podsOf(instance), 0);
    const [first] = instances;
    const text = label(plural(instances.length, 'node'), plural(pods, 'pod'));
    return [`      ${id(`nodes-${first!.subnetId}`)}[${text}]`];
  }
  return instances.map((instance) => {
    const node = store.lookup('Node', 'instance', instance.instanceId)[0];
    const name = node?.metadata.name ?? instance.instanceId;
    const text = label(name, instance.instanceType, plural(podsOf(instance), 'pod'));
    return `      ${id(instance.instanceId)}[${text}]`;
  });
}

function subnetLines(store: TwinStore, subnet: Subnet, instances: readonly Instance[]): string[] {
  const name = subnet.tags.Name ?? subnet.subnetId;
  const kind = subnet.mapPublicIpOnLaunch ? 'public' : 'private';
  const title = label(name, `${subnet.cidrBlock} ${subnet.availabilityZone} ${kind}`);
  const body = nodeLines(store, instances);
  // Mermaid draws no empty subgraph.
  if (body.length === 0) return [`    ${id(subnet.subnetId)}[${title}]`];
  return [`    subgraph ${id(subnet.subnetId)}[${title}]`, ...body, '    end'];
}

/** The whole network as mermaid text, the same for the same twin. */
export function mermaid(store: TwinStore): string {
  const lines = ['graph TB'];
  const bySubnet = new Map<string, Instance[]>();
  for (const instance of store.list('ec2/instance')) {
    if (instance.state === 'terminated') continue;
    const there = bySubnet.get(instance.subnetId) ?? [];
    there.push(instance);
    bySubnet.set(instance.subnetId, there);
  }
  const edges = new Set<string>();
  for (const vpc of store.list('ec2/vpc').toSorted((a, b) => (a.vpcId < b.vpcId ? -1 : 1))) {
    const blocks = vpc.cidrBlocks.map(({ cidrBlock }) => cidrBlock).join(' ');
    lines.push(`  subgraph ${id(vpc.vpcId)}[${label(vpc.tags.Name ?? vpc.vpcId, blocks)}]`);
    const subnets = store
      .lookup('ec2/subnet', 'vpc', vpc.vpcId)
      .toSorted((a, b) =>
        `${a.availabilityZone} ${a.subnetId}` < `${b.availabilityZone} ${b.subnetId}` ? -1 : 1,
      );
    for (const subnet of subnets) {
      lines.push(...subnetLines(store, subnet, bySubnet.get(subnet.subnetId) ?? []));
      for (const { destination, target } of exitsOf(store, subnet)) {
        edges.add(`  ${id(subnet.subnetId)} -->|${destination}| ${id(target)}([${label(target)}])`);
      }
    }
    lines.push('  end');
  }
  return `${[...lines, ...edges].join('\n')}\n`;
}
