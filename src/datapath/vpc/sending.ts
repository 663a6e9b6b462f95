/**
 * datapath/vpc/sending — a packet leaves an interface: addresses that never reach the VPC's router,
 * the source check, the security groups.
 *
 * Source: VPC User Guide, "Network ACL basics" (traffic that ACLs and groups do not filter); EC2
 * User Guide, "Source/destination checking".
 */
import { contains, formatIp, type Ip } from '../../net/index.ts';
import { fixedService, isLinkLocal } from './address-ranges.ts';
import type { Holder } from './interface-addresses.ts';
import type { VpcOutcome } from './outcome.ts';
import { type Next, note, type Passage, stop } from './passage.ts';
import { backToBalancer } from './passing-on.ts';
import { checkLength, VPC_MTU } from './path-mtu.ts';
import { checkSecurityGroups } from './security-groups.ts';

const SERVICE_NAMES: Readonly<Record<string, string>> = {
  imds: 'the instance metadata service',
  resolver: "the VPC's resolver",
  'time-sync': 'the Amazon Time Sync Service',
};

/** Whether the address is the interface's, alone or within a prefix. */
const holds = ({ addresses, prefixes }: Holder, ip: Ip): boolean =>
  addresses.includes(ip) || prefixes.some((prefix) => contains(prefix, ip));

/** Services at fixed addresses, which no group and no ACL filters. */
function fixedAddress(passage: Passage, { eni }: Holder): VpcOutcome | undefined {
  const { packet, fabric } = passage;
  const vpc = fabric.topology.vpc(eni.vpcId)?.vpc;
  const service = fixedService(vpc, packet.destination);
  if (service === undefined && !isLinkLocal(packet.destination)) return undefined;
  const address = formatIp(packet.destination);
  if (service !== undefined) {
    if (service === 'resolver' && vpc?.enableDnsSupport === false) {
      const command = `aws ec2 modify-vpc-attribute --vpc-id ${vpc.vpcId} --enable-dns-support`;
      return stop(passage, {
        layer: 'dns',
        kind: 'resolver',
        disposition: 'timed-out',
        text: `${vpc.vpcId} has its resolver off (enableDnsSupport false): ${address} is silent`,
        code: 'DNS_SUPPORT_DISABLED',
        remedy: { text: `turn the resolver of ${vpc.vpcId} on`, command },
      });
    }
    const text = `${address} is ${SERVICE_NAMES[service]}: no security group or ACL filters it`;
    note(passage, 'vpc', 'link-local', 'deliver', text);
    return { kind: 'aws-service', service, via: eni.networkInterfaceId, packet };
  }
  return stop(passage, {
    layer: 'vpc',
    kind: 'link-local',
    disposition: 'timed-out',
    text: `${address} is link-local: no router carries it, and AWS answers at no such address`,
    code: 'NO_POSSIBLE_DESTINATION',
  });
}

/** With the check on, an interface sends from its own addresses only. */
function checkSource(passage: Passage, { eni }: Holder): VpcOutcome | undefined {
  const { packet } = passage;
  const id = eni.networkInterfaceId;
  const source = formatIp(packet.source);
  const element = { kind: 'network-interface', object: id } as const;
  if (!eni.sourceDestCheck) {
    const text = `${source} is no address of ${id}, whose source/destination check is off`;
    const field = 'sourceDestCheck false';
    note(passage, 'vpc', 'source-dest-check', 'allow', text, [{ ...element, field }]);
    return undefined;
  }
  return stop(passage, {
    layer: 'vpc',
    kind: 'source-dest-check',
    disposition: 'denied-by-source-dest-check',
    text: `${id}: ${source} is none of its addresses, and its source/destination check is on`,
    code: 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
    decisive: [{ ...element, field: 'sourceDestCheck true' }],
    remedy: {
      text: `let ${id} forward packets of others, or send from one of its addresses`,
      command:
        `aws ec2 modify-network-interface-attribute --network-interface-id ${id} ` +
        '--no-source-dest-check',
    },
  });
}

/** What becomes of a packet that something behind the interface sends. */
export function sendFrom(passage: Passage, holder: Holder): Next {
  const { eni } = holder;
  passage.recorder.enter(eni.networkInterfaceId, 'vpc');
  const fixed = fixedAddress(passage, holder);
  if (fixed !== undefined) return fixed;
  const isOwn = holds(holder, passage.packet.source);
  const refused =
    (isOwn ? undefined : checkSource(passage, holder)) ??
    checkLength(passage, VPC_MTU, 'the VPC', []);
  if (refused !== undefined) return refused;
  passage.sender = isOwn ? holder : undefined;
  const denied = checkSecurityGroups(passage, eni, 'egress');
  if (denied !== undefined) return denied;
  const back = backToBalancer(passage, eni);
  if (back !== undefined) return back;
  const from = passage.fabric.topology.subnet(eni.subnetId);
  if (from !== undefined) return { kind: 'route', from };
  return stop(passage, {
    layer: 'subnet',
    kind: 'route-table',
    disposition: 'not-simulated',
    text: `${eni.subnetId} of ${eni.networkInterfaceId}, or its VPC, is in no document`,
    code: 'UNKNOWN_RESOURCE',
  });
}
