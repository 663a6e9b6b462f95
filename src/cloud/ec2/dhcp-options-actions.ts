/**
 * cloud/ec2/dhcp-options-actions — sets of DHCP options. A VPC has Amazon's own until it is given
 * another; ekstwin's instances always follow Amazon's own, so a set that says otherwise can be
 * made and described, and is refused where it would have to take effect.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { DhcpOptions } from '../../model/ec2/dhcp-options.ts';
import { internalDomain, type Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { invalidValue, noDhcpOptions, noVpc } from './not-found.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';

const AMAZON_DNS = 'AmazonProvidedDNS';

/** Source: EC2 API reference, CreateDhcpOptions. */
const KEYS = new Set([
  'domain-name',
  'domain-name-servers',
  'ntp-servers',
  'netbios-name-servers',
  'netbios-node-type',
  'ipv6-address-preferred-lease-time',
]);

const DESCRIBED_DHCP_OPTIONS: Described<'ec2/dhcp-options'> = {
  kind: 'ec2/dhcp-options',
  missing: noDhcpOptions,
  filters: {
    'dhcp-options-id': (it) => it.dhcpOptionsId,
    key: (it) => it.configurations.map(({ key }) => key),
    value: (it) => it.configurations.flatMap(({ values }) => values),
    'owner-id': (it) => it.ownerId,
  },
};

type DhcpActions = Pick<
  UpkeepOperations,
  'createDhcpOptions' | 'associateDhcpOptions' | 'deleteDhcpOptions' | 'describeDhcpOptions'
>;

export const dhcpOptionsActions = (region: Region): DhcpActions => ({
  createDhcpOptions({ configurations, tags }) {
    for (const { key, values } of configurations) {
      if (!KEYS.has(key)) return invalidValue(`Value (${key}) for parameter Name is invalid.`);
      if (values.length === 0) return invalidValue(`Value () for parameter ${key} is invalid.`);
    }
    const options: DhcpOptions = {
      dhcpOptionsId: region.ids.next('dopt'),
      ownerId: region.accountId,
      configurations,
      tags: tags ?? {},
    };
    region.store.put('ec2/dhcp-options', options.dhcpOptionsId, options);
    return options;
  },
  associateDhcpOptions: ({ dhcpOptionsId, vpcId }) => associate(region, dhcpOptionsId, vpcId),
  deleteDhcpOptions({ dhcpOptionsId: id }) {
    const used = region.store.list('ec2/vpc').some((vpc) => vpc.dhcpOptionsId === id);
    if (used) {
      return awsError(
        'DependencyViolation',
        `The dhcpOptions '${id}' has dependencies and cannot be deleted.`,
      );
    }
    return region.store.delete('ec2/dhcp-options', id) === true ? true : noDhcpOptions(id);
  },
  describeDhcpOptions({ ids, filters }) {
    const unknown = ids?.find((id) => optionsOf(region, id) === undefined);
    if (unknown !== undefined) return noDhcpOptions(unknown);
    const named = ids === undefined || ids.length === 0 ? undefined : new Set(ids);
    // By ids too the candidates are named here: Amazon's own set is in no store.
    return describe(region, DESCRIBED_DHCP_OPTIONS, undefined, filters, () =>
      allOptions(region).filter(({ dhcpOptionsId }) => named?.has(dhcpOptionsId) ?? true),
    );
  },
});

/** The set Amazon made for the account, which VPCs have by id; undefined for an id of no VPC. */
export function amazonDhcpOptions(region: Region, id: string): DhcpOptions | undefined {
  if (!id.startsWith('dopt-')) return undefined;
  if (!region.store.list('ec2/vpc').some(({ dhcpOptionsId }) => dhcpOptionsId === id))
    return undefined;
  return {
    dhcpOptionsId: id,
    ownerId: region.accountId,
    configurations: [
      { key: 'domain-name', values: [internalDomain(region.name)] },
      { key: 'domain-name-servers', values: [AMAZON_DNS] },
    ],
    tags: {},
  };
}

const optionsOf = (region: Region, id: string): DhcpOptions | undefined =>
  region.store.get('ec2/dhcp-options', id) ?? amazonDhcpOptions(region, id);

function allOptions(region: Region): readonly DhcpOptions[] {
  const made = region.store.list('ec2/dhcp-options');
  const known = new Set(made.map(({ dhcpOptionsId }) => dhcpOptionsId));
  const ofVpcs = new Set(region.store.list('ec2/vpc').map(({ dhcpOptionsId }) => dhcpOptionsId));
  const amazons = [...ofVpcs]
    .filter((id) => !known.has(id))
    .flatMap((id) => amazonDhcpOptions(region, id) ?? []);
  return [...amazons, ...made];
}

function associate(region: Region, id: string, vpcId: string): true | AwsError {
  const vpc = region.store.get('ec2/vpc', vpcId);
  if (vpc === undefined) return noVpc(vpcId);
  if (id === 'default') {
    return notSimulated('A VPC without DHCP options is not simulated by ekstwin.');
  }
  const options = optionsOf(region, id);
  if (options === undefined) return noDhcpOptions(id);
  const other = options.configurations.find(({ key, values }) => !isAmazons(region, key, values));
  if (other !== undefined) {
    return notSimulated(
      `The DHCP option ${other.key}=${other.values.join(',')} is not simulated by ekstwin: its ` +
        `instances have ${internalDomain(region.name)} and ${AMAZON_DNS}.`,
    );
  }
  region.store.put('ec2/vpc', vpcId, { ...vpc, dhcpOptionsId: id });
  return true;
}

const notSimulated = (message: string): AwsError => awsError('UnsupportedOperation', message);

/** True for what instances have anyway, and for what the network does not depend on. */
function isAmazons(region: Region, key: string, values: readonly string[]): boolean {
  if (key === 'domain-name') return values.every((it) => it === internalDomain(region.name));
  return key !== 'domain-name-servers' || values.every((it) => it === AMAZON_DNS);
}
