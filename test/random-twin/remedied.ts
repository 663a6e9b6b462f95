/**
 * test/random-twin/remedied — what the command of a remedy does to a twin, read as a shell and the
 * AWS CLI would; undefined where it has a place to fill in, or is of another sort.
 */
import type { SecurityGroupId, SecurityGroupRuleId } from '../../src/model/ec2/ids.ts';
import type { NetworkAclEntry } from '../../src/model/ec2/network-acl.ts';
import type { Route, RouteTarget } from '../../src/model/ec2/route-table.ts';
import type { RulePeer, SecurityGroupRule } from '../../src/model/ec2/security-group.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import { parseProtocol } from '../../src/net/index.ts';
import { type Change, change } from './removal.ts';

type Options = ReadonlyMap<string, string>;

/** `--name value` and `--flag` of a command line. */
function optionsOf(command: string): Options {
  const words = command.match(/'[^']*'|\S+/g) ?? [];
  const options = new Map<string, string>();
  words.forEach((word, at) => {
    if (!word.startsWith('--')) return;
    const next = words[at + 1];
    const value = next === undefined || next.startsWith('--') ? '' : next.replaceAll("'", '');
    options.set(word.slice(2), value);
  });
  return options;
}

const peerOf = (text: string): RulePeer =>
  text.startsWith('sg-')
    ? { kind: 'group', groupId: text as SecurityGroupId }
    : { kind: text.includes(':') ? 'ipv6' : 'ipv4', cidr: text };

function ruleOf(options: Options, direction: SecurityGroupRule['direction']): SecurityGroupRule {
  const permission = options.get('ip-permissions');
  const field = (name: string): string | undefined =>
    new RegExp(`${name}=([^,}\\]]+)`).exec(permission ?? '')?.[1];
  const protocol = options.get('protocol') ?? field('IpProtocol') ?? '-1';
  const port = options.get('port');
  const peer =
    options.get('cidr') ??
    options.get('source-group') ??
    field('GroupId') ??
    field('CidrIpv6') ??
    field('CidrIp')!;
  return {
    ruleId: 'sgr-0bee0000000000000' as SecurityGroupRuleId,
    direction,
    protocol,
    fromPort: Number(port ?? field('FromPort') ?? -1),
    toPort: Number(port ?? field('ToPort') ?? -1),
    peer: peerOf(peer),
    tags: {},
  };
}

function entryOf(options: Options): NetworkAclEntry {
  const pair = (text: string): readonly number[] => text.match(/-?\d+/g)!.map(Number);
  const range = options.get('port-range');
  const icmp = options.get('icmp-type-code');
  const ports = range === undefined ? undefined : pair(range);
  const types = icmp === undefined ? undefined : pair(icmp);
  return {
    ruleNumber: Number(options.get('rule-number')),
    egress: options.has('egress'),
    protocol: parseProtocol(options.get('protocol') ?? '')!,
    action: 'allow',
    cidrBlock: options.get('cidr-block'),
    ipv6CidrBlock: options.get('ipv6-cidr-block'),
    ...(ports === undefined ? {} : { portRange: { from: ports[0]!, to: ports[1]! } }),
    ...(types === undefined ? {} : { icmp: { type: types[0]!, code: types[1]! } }),
  };
}

const TARGETS: Readonly<Record<string, Exclude<RouteTarget['kind'], 'local'>>> = {
  'nat-gateway-id': 'nat-gateway',
  'gateway-id': 'internet-gateway',
  'vpc-peering-connection-id': 'vpc-peering-connection',
};

const destinationOf = (options: Options): string | undefined =>
  options.get('destination-cidr-block') ??
  options.get('destination-ipv6-cidr-block') ??
  options.get('destination-prefix-list-id');

function routeOf(options: Options): Route | undefined {
  const [option, kind] = Object.entries(TARGETS).find(([name]) => options.has(name)) ?? [];
  const id = options.get(option ?? '');
  const cidr = destinationOf(options);
  if (kind === undefined || id === undefined || cidr === undefined) return undefined;
  const destination = { kind: cidr.includes(':') ? ('ipv6' as const) : ('ipv4' as const), cidr };
  return { destination, target: { kind, id }, state: 'active', origin: 'CreateRoute' };
}

const isTo = ({ destination: it }: Route, to: string | undefined): boolean =>
  (it.kind === 'prefix-list' ? it.prefixListId : it.cidr) === to;

/** What the command changes. @throws where EC2 would refuse it: the number or the block is taken */
export function remedied(store: TwinStore, command: string): Change | undefined {
  if (/[A-Z]{3,}-ID\b/.test(command)) return undefined;
  const verb = /^aws ec2 (\S+)/.exec(command)?.[1];
  const options = optionsOf(command);
  if (verb === 'authorize-security-group-ingress' || verb === 'authorize-security-group-egress') {
    const group = store.get('ec2/security-group', options.get('group-id')!)!;
    const rule = ruleOf(options, verb.endsWith('ingress') ? 'ingress' : 'egress');
    return change('ec2/security-group', group.groupId, { ...group, rules: [...group.rules, rule] });
  }
  if (verb === 'create-network-acl-entry') {
    const acl = store.get('ec2/network-acl', options.get('network-acl-id')!)!;
    const entry = entryOf(options);
    const isTaken = acl.entries.some(
      (it) => it.egress === entry.egress && it.ruleNumber === entry.ruleNumber,
    );
    if (isTaken || entry.ruleNumber < 1)
      throw new Error(`NetworkAclEntryAlreadyExists: ${command}`);
    const entries = [...acl.entries, entry];
    return change('ec2/network-acl', acl.networkAclId, { ...acl, entries });
  }
  const table = store.get('ec2/route-table', options.get('route-table-id') ?? '');
  if (table === undefined || (verb !== 'create-route' && verb !== 'delete-route')) return undefined;
  const to = destinationOf(options);
  const rest = table.routes.filter((it) => !isTo(it, to));
  const route = verb === 'create-route' ? routeOf(options) : undefined;
  if (verb === 'create-route' && route === undefined) return undefined;
  if (route !== undefined && rest.length < table.routes.length)
    throw new Error(`RouteAlreadyExists: ${command}`);
  const routes = route === undefined ? rest : [...rest, route];
  return change('ec2/route-table', table.routeTableId, { ...table, routes });
}
