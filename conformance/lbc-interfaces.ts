/**
 * conformance/lbc-interfaces — what the load balancer controller's vectors say of pods, interfaces,
 * target groups and rules, as our nouns, and stubbed calls that answer by their input.
 *
 * Schema: shared vectors lbc/README.md. Only what a vector writes is filled in.
 */

import type { RuleInput } from '../src/cloud/ec2/vpc-operations.ts';
import { DeployError } from '../src/controllers/load-balancer/deploy/deploy-error.ts';
import type {
  FoundInterface,
  InterfaceReads,
} from '../src/controllers/load-balancer/networking/interface-reads.ts';
import type { TargetGroupReads } from '../src/controllers/load-balancer/webhooks/bound-target-group.ts';
import { type AwsError, awsError } from '../src/model/aws-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../src/model/kinds.ts';
import type { Node, Pod } from '../src/model/kubernetes/core.ts';
import { Store } from '../src/sim/store.ts';
import { type Json, listOf } from './lbc-aws.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A store with a case's objects as they are. */
export function storeWith(objects: readonly Json[]): TwinStore {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  for (const object of objects) {
    const { name, namespace } = object.metadata as { name: string; namespace?: string };
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    store.put(text(object.kind) as 'Node', key, structuredClone(object) as unknown as Node);
  }
  return store;
}

/** The controller's PodInfo as a pod. */
export function podOf(info: Json): Pod {
  const { namespace, name } = (info.key ?? {}) as { namespace?: string; name?: string };
  const enis = info.eniInfos;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: name ?? '',
      namespace,
      uid: text(info.uid),
      ...(enis === undefined
        ? {}
        : { annotations: { 'vpc.amazonaws.com/pod-eni': JSON.stringify(enis) } }),
    },
    spec: {
      nodeName: text(info.nodeName),
      containers: [{ name: 'c', ports: listOf(info.containerPorts) as never }],
      readinessGates: listOf(info.readinessGates) as never,
    },
    status: { podIP: text(info.podIP), conditions: listOf(info.conditions) as never },
  } as Pod;
}

/** EC2's NetworkInterface, or an instance's. */
const interfaceOf = (json: Json): FoundInterface =>
  ({
    networkInterfaceId: text(json.NetworkInterfaceId),
    groups: listOf(json.Groups).map(({ GroupId }) => text(GroupId)),
    privateIpAddresses: listOf(json.PrivateIpAddresses).map((it) => ({
      address: text(it.PrivateIpAddress),
      primary: false,
    })),
    ipv4Prefixes: listOf(json.Ipv4Prefixes).map((it) => text(it.Ipv4Prefix)),
    ipv6Addresses: listOf(json.Ipv6Addresses).map((it) => text(it.Ipv6Address)),
    ipv6Prefixes: listOf(json.Ipv6Prefixes).map((it) => text(it.Ipv6Prefix)),
    attachment:
      json.Attachment === undefined
        ? undefined
        : { deviceIndex: Number((json.Attachment as Json).DeviceIndex ?? 0) },
  }) as unknown as FoundInterface;

/** EC2 as the tables of interfaces stub it. */
export function stubbedInterfaces(fields: Json): InterfaceReads {
  const described = (asked: Json): readonly FoundInterface[] => {
    const call = listOf(fields.describeNetworkInterfacesAsListCalls).find((it) =>
      isSameAsked(it.req as Json, asked),
    );
    if (call === undefined) throw new Error(`no call is expected: ${JSON.stringify(asked)}`);
    refuse(call.err);
    return listOf(call.resp).map(interfaceOf);
  };
  return {
    byIds: async (ids) => described({ NetworkInterfaceIds: ids }),
    byAddresses: async (family, addresses) =>
      described({
        Filters: [
          { Name: 'vpc-id' },
          {
            Name:
              family === 'ipv4' ? 'addresses.private-ip-address' : 'ipv6-addresses.ipv6-address',
            Values: addresses,
          },
        ],
      }),
    ofInstances: async (instanceIds) => {
      const found = new Map<string, readonly FoundInterface[]>();
      for (const call of listOf(fields.fetchNodeInstancesCalls)) {
        const asked = listOf(call.nodes).map((node) =>
          text((node.spec as Json).providerID)
            .split('/')
            .at(-1),
        );
        if (JSON.stringify([...asked].sort()) !== JSON.stringify([...instanceIds].sort())) continue;
        refuse(call.err);
        const instances = (call.nodeInstanceByNodeKey ?? {}) as Readonly<Record<string, Json>>;
        for (const [key, instance] of Object.entries(instances)) {
          const node = listOf(call.nodes).find(
            ({ metadata }) => `/${text((metadata as Json).name)}` === key,
          );
          const id = text((node?.spec as Json | undefined)?.providerID)
            .split('/')
            .at(-1)!;
          found.set(id, listOf(instance.NetworkInterfaces).map(interfaceOf));
        }
        return found;
      }
      throw new Error(`no call is expected: ${instanceIds.join(' ')}`);
    },
  };
}

function isSameAsked(req: Json, asked: Json): boolean {
  const values = (json: Json): string =>
    JSON.stringify(
      json.NetworkInterfaceIds ??
        listOf(json.Filters)
          .filter(({ Name }) => Name !== 'vpc-id')
          .map(({ Name, Values }) => [Name, Values]),
    );
  return values(req) === values(asked);
}

function refuse(error: unknown): void {
  const { $error } = (error ?? {}) as Json;
  if ($error !== undefined) throw new DeployError(text($error));
}

/** DescribeTargetGroups as the webhooks' tables stub it. */
export const stubbedTargetGroups = (fields: Json): TargetGroupReads => ({
  describeTargetGroups({ targetGroupArns, names }): never | readonly never[] | AwsError {
    const asked = JSON.stringify(
      targetGroupArns === undefined ? { Names: names } : { TargetGroupArns: targetGroupArns },
    );
    const call = listOf(fields.describeTargetGroupsAsListCalls).find(
      ({ req }) => JSON.stringify(req) === asked,
    );
    if (call === undefined) throw new Error(`no call is expected: ${asked}`);
    const { $error } = (call.err ?? {}) as Json;
    if ($error !== undefined) return awsError('Error', text($error));
    return listOf(call.resp).map((it) => ({
      targetGroupArn: text(it.TargetGroupArn),
      targetGroupName: text(it.TargetGroupName),
      targetType: text(it.TargetType),
      protocol: text(it.Protocol),
      ipAddressType: text(it.IpAddressType) || 'ipv4',
      vpcId: text(it.VpcId),
    })) as never;
  },
});

/** EC2's IpPermission with one source. */
export function ruleOf({ permission }: Json): RuleInput {
  const it = permission as Json;
  const [group] = listOf(it.UserIdGroupPairs);
  const [v4] = listOf(it.IpRanges);
  const [v6] = listOf(it.Ipv6Ranges);
  const source = group ?? v4 ?? v6 ?? {};
  const peer =
    v4 !== undefined
      ? { kind: 'ipv4', cidr: text(v4.CidrIp) }
      : v6 !== undefined
        ? { kind: 'ipv6', cidr: text(v6.CidrIpv6) }
        : { kind: 'group', groupId: text(group?.GroupId) };
  return {
    protocol: text(it.IpProtocol),
    fromPort: Number(it.FromPort ?? 0),
    toPort: Number(it.ToPort ?? 0),
    peer: peer as RuleInput['peer'],
    description: text(source.Description) || undefined,
  };
}
