import { beforeAll, describe, expect, test } from 'vitest';
import { isAwsError } from '../../model/aws-error.ts';
import { PROTOCOL_TCP } from '../../net/index.ts';
import { deploymentText, settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { traceAnswer } from '../trace/question.ts';
import { flowJournalOf } from './flow-journal.ts';

let twin: Twin;
let vpcId: string;

const WEB = deploymentText(
  'default',
  'web',
  2,
  '{name: web, image: nginx, ports: [{containerPort: 80}]}',
);

beforeAll(async () => {
  twin = await settledTwin(smallCluster(2), WEB);
  vpcId = twin.store.list('ec2/vpc')[0]!.vpcId;
});

function logOf(input: { format?: string; traffic?: 'ALL' | 'REJECT'; resource?: string }): string {
  const created = twin.cloud.ec2.createFlowLogs({
    resourceType: input.resource === undefined ? 'VPC' : 'NetworkInterface',
    resourceIds: [input.resource ?? vpcId],
    trafficType: input.traffic ?? 'ALL',
    destinationType: 's3',
    destination: `arn:aws:s3:::${input.format ?? ''}${input.traffic ?? ''}${input.resource ?? ''}`,
    logFormat: input.format,
  });
  if (isAwsError(created)) throw new Error(created.message);
  return created.flowLogIds[0]!;
}

function send(from: string, to: string): void {
  const question = { from, to, protocol: PROTOCOL_TCP, withReturn: true, namespace: 'default' };
  const answer = traceAnswer(twin.datapath, { ...question, sourcePort: 40_000 });
  for (const branch of answer.branches) flowJournalOf(twin).saw(branch);
}

const pods = () => twin.store.list('Pod').filter((pod) => pod.metadata.name.startsWith('web-'));

describe('flow logs', () => {
  test('hold a flow between nodes twice each way, nodes’ primary addresses in place of pods’', () => {
    const [a, b] = pods();
    expect(a!.spec.nodeName).not.toBe(b!.spec.nodeName);
    const plain = logOf({});
    const packets = logOf({
      format: '${flow-direction} ${pkt-srcaddr} ${pkt-dstaddr} ${dstport} ${tcp-flags} ${action}',
    });
    send(`pod/default/${a!.metadata.name}`, `pod/default/${b!.metadata.name}:80`);
    const [from, to] = [a!.status!.podIP, b!.status!.podIP];
    expect(flowJournalOf(twin).lines(packets)).toEqual([
      `egress ${from} ${to} 80 2 ACCEPT`,
      `ingress ${from} ${to} 80 2 ACCEPT`,
      `egress ${to} ${from} 40000 18 ACCEPT`,
      `ingress ${to} ${from} 40000 18 ACCEPT`,
    ]);
    const lines = flowJournalOf(twin).lines(plain) ?? [];
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toMatch(
        /^2 \d{12} eni-[0-9a-f]{17} [\d.]+ [\d.]+ \d+ \d+ 6 1 \d+ (\d+) \1 ACCEPT OK$/,
      );
    }
    const eni = (line: string) => twin.store.get('ec2/network-interface', line.split(' ')[2]!)!;
    // Out: srcaddr is the interface's primary address. In: dstaddr is.
    const primary = (line: string) => eni(line).privateIpAddresses[0]!.address;
    expect(lines[0]!.split(' ')[3]).toBe(primary(lines[0]!));
    expect(lines[1]!.split(' ')[4]).toBe(primary(lines[1]!));
  });

  test('hold a rejected flow at the interface whose group refuses it, and nothing after', () => {
    const group = twin.cloud.ec2.createSecurityGroup({
      groupName: 'closed',
      description: 'closed',
      vpcId,
    });
    if (isAwsError(group)) throw new Error(group.message);
    const subnet = twin.store.list('ec2/subnet').find((it) => !it.mapPublicIpOnLaunch)!;
    const eni = twin.cloud.ec2.createDbInstance({
      identifier: 'orders',
      subnetIds: [subnet.subnetId],
      port: 5432,
      groups: [group.groupId],
    });
    if (isAwsError(eni)) throw new Error(eni.message);
    const rejected = logOf({ traffic: 'REJECT' });
    const own = logOf({ resource: eni.networkInterfaceId });
    send(`pod/default/${pods()[0]!.metadata.name}`, 'db/orders');
    const lines = flowJournalOf(twin).lines(rejected) ?? [];
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      new RegExp(`^2 \\d+ ${eni.networkInterfaceId} .* 5432 6 .* REJECT OK$`),
    );
    expect(flowJournalOf(twin).lines(own)).toEqual(lines);
  });

  test('tell of a NAT gateway as AWS’s guide does: its own address, and the packet’s beside it', () => {
    const nat = twin.store.list('ec2/nat-gateway')[0]!;
    const id = logOf({
      resource: nat.networkInterfaceId,
      format: '${srcaddr} ${dstaddr} ${pkt-srcaddr} ${pkt-dstaddr}',
    });
    const [node] = twin.store.list('Node');
    send(`node/${node!.metadata.name}`, 'internet:443');
    const [own, there] = [nat.privateIp, '203.0.113.80'];
    const from = node!.status!.addresses!.find(({ type }) => type === 'InternalIP')!.address;
    expect(flowJournalOf(twin).lines(id)).toEqual([
      `${from} ${own} ${from} ${there}`,
      `${own} ${there} ${own} ${there}`,
      `${there} ${own} ${there} ${own}`,
      `${own} ${from} ${there} ${from}`,
    ]);
  });

  test('record no name resolution and no metadata, and end when they are deleted', () => {
    const id = logOf({ format: 'x' });
    send(`pod/default/${pods()[0]!.metadata.name}`, '169.254.169.254:80');
    expect(flowJournalOf(twin).lines(id)).toEqual([]);
    expect(twin.cloud.ec2.deleteFlowLogs({ flowLogIds: [id] })).toEqual([]);
    expect(flowJournalOf(twin).lines(id)).toBeUndefined();
  });
});
