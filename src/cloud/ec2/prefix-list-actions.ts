/** cloud/ec2/prefix-list-actions — customers' prefix lists, and AWS's own of gateway services. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { PrefixList } from '../../model/ec2/gateways.ts';
import type { PrefixListId } from '../../model/ec2/ids.ts';
import { canonicalCidrText } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { GATEWAY_SERVICE_BLOCKS } from '../regions.data.ts';
import { type Described, describe } from './describe.ts';
import { hasDependencies, invalidValue, noPrefixList } from './not-found.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';
import type { VpcOperations } from './vpc-operations.ts';

/** Source: VPC quotas, "Maximum number of entries" of a prefix list. */
const ENTRIES_MAX = 1_000;

const DESCRIBED_PREFIX_LIST: Described<'ec2/prefix-list'> = {
  kind: 'ec2/prefix-list',
  missing: noPrefixList,
  filters: {
    'prefix-list-id': (it) => it.prefixListId,
    'prefix-list-name': (it) => it.prefixListName,
    'owner-id': (it) => (it.awsManaged ? 'AWS' : undefined),
  },
};

type PrefixListActions = Pick<
  VpcOperations & UpkeepOperations,
  | 'createManagedPrefixList'
  | 'deleteManagedPrefixList'
  | 'modifyManagedPrefixList'
  | 'describeManagedPrefixLists'
>;

export const prefixListActions = (region: Region): PrefixListActions => ({
  createManagedPrefixList: (input) => create(region, input),
  deleteManagedPrefixList({ prefixListId }) {
    const list = region.store.get('ec2/prefix-list', prefixListId);
    if (list === undefined) return noPrefixList(prefixListId);
    if (list.awsManaged) {
      return awsError(
        'OperationNotPermitted',
        `The prefix list ${prefixListId} is managed by AWS and cannot be deleted.`,
      );
    }
    if (isReferenced(region, prefixListId)) return hasDependencies('prefix list', prefixListId);
    region.store.delete('ec2/prefix-list', prefixListId);
    return true;
  },
  modifyManagedPrefixList: (input) => modify(region, input),
  describeManagedPrefixLists: ({ ids, filters }) =>
    describe(region, DESCRIBED_PREFIX_LIST, ids, filters),
});

type CreateInput = Parameters<VpcOperations['createManagedPrefixList']>[0];

function create(region: Region, input: CreateInput): PrefixList | AwsError {
  const { prefixListName, addressFamily, maxEntries, tags } = input;
  if (prefixListName.startsWith('com.amazonaws'))
    return invalidValue('The prefix list name may not start with com.amazonaws');
  if (maxEntries < 1 || maxEntries > ENTRIES_MAX)
    return invalidValue(`Value (${maxEntries}) for parameter maxEntries is invalid.`);
  const entries = soundEntries(input.entries ?? [], addressFamily);
  if (isAwsError(entries)) return entries;
  if (entries.length > maxEntries) return tooManyEntries();
  const list: PrefixList = {
    prefixListId: region.ids.next<PrefixListId>('pl'),
    prefixListName,
    addressFamily,
    maxEntries,
    entries,
    awsManaged: false,
    tags: tags ?? {},
  };
  region.store.put('ec2/prefix-list', list.prefixListId, list);
  return list;
}

type Entries = PrefixList['entries'];

/** The entries with host bits cleared, or what is wrong with the first bad one. */
function soundEntries(
  given: Entries,
  addressFamily: PrefixList['addressFamily'],
): Entries | AwsError {
  const entries: Entries[number][] = [];
  for (const entry of given) {
    const cidr = canonicalCidrText(entry.cidr);
    if (cidr === undefined || cidr.includes(':') !== (addressFamily === 'IPv6'))
      return invalidValue(`The CIDR (${entry.cidr}) is not valid for ${addressFamily}.`);
    entries.push({ ...entry, cidr });
  }
  return entries;
}

const tooManyEntries = (): AwsError =>
  awsError(
    'PrefixListMaxEntriesExceeded',
    `You've reached the maximum number of entries for the prefix list.`,
  );

type ModifyInput = Parameters<UpkeepOperations['modifyManagedPrefixList']>[0];

function modify(region: Region, input: ModifyInput): PrefixList | AwsError {
  const { prefixListId, currentVersion, addEntries = [], removeCidrs = [] } = input;
  const list = region.store.get('ec2/prefix-list', prefixListId);
  if (list === undefined) return noPrefixList(prefixListId);
  if (list.awsManaged) {
    return awsError(
      'OperationNotPermitted',
      `The prefix list ${prefixListId} is managed by AWS and cannot be modified.`,
    );
  }
  const version = list.version ?? 1;
  const changesEntries = addEntries.length + removeCidrs.length > 0;
  if (changesEntries && currentVersion !== version) {
    return awsError(
      'PrefixListVersionMismatch',
      `The prefix list has the incorrect version number. Current version is ${version}.`,
    );
  }
  const added = soundEntries(addEntries, list.addressFamily);
  if (isAwsError(added)) return added;
  const removed = new Set(removeCidrs.map((cidr) => canonicalCidrText(cidr) ?? cidr));
  const replaced = new Set(added.map(({ cidr }) => cidr));
  const kept = list.entries.filter(({ cidr }) => !removed.has(cidr) && !replaced.has(cidr));
  const entries = [...kept, ...added];
  const maxEntries = input.maxEntries ?? list.maxEntries;
  if (maxEntries > ENTRIES_MAX || maxEntries < 1)
    return invalidValue(`Value (${maxEntries}) for parameter maxEntries is invalid.`);
  if (entries.length > maxEntries) return tooManyEntries();
  const changed: PrefixList = {
    ...list,
    prefixListName: input.prefixListName ?? list.prefixListName,
    maxEntries,
    entries,
    version: changesEntries ? version + 1 : version,
  };
  region.store.put('ec2/prefix-list', prefixListId, changed);
  return changed;
}

function isReferenced({ store }: Region, id: string): boolean {
  for (const group of store.list('ec2/security-group')) {
    if (group.rules.some(({ peer }) => peer.kind === 'prefix-list' && peer.prefixListId === id))
      return true;
  }
  return store
    .list('ec2/route-table')
    .some(({ routes }) =>
      routes.some(({ destination: to }) => to.kind === 'prefix-list' && to.prefixListId === id),
    );
}

/** Services that have a gateway endpoint in the region: `s3`, `dynamodb`. */
export const gatewayServices = (region: string): readonly string[] =>
  ['s3', 'dynamodb'].filter(
    (service) =>
      Object.hasOwn(GATEWAY_SERVICE_BLOCKS, `${region} ${service}`) ||
      Object.hasOwn(GATEWAY_SERVICE_BLOCKS, `* ${service}`),
  );

/**
 * AWS's list of a gateway service, put into the store when first asked for.
 *
 * @param service  `s3` or `dynamodb`; undefined for any other
 */
export function gatewayPrefixList(region: Region, service: string): PrefixList | undefined {
  const known =
    GATEWAY_SERVICE_BLOCKS[`${region.name} ${service}`] ?? GATEWAY_SERVICE_BLOCKS[`* ${service}`];
  if (known === undefined) return undefined;
  const prefixListName = `com.amazonaws.${region.name}.${service}`;
  const held = region.store
    .list('ec2/prefix-list')
    .find((it) => it.prefixListName === prefixListName);
  if (held !== undefined) return held;
  const list: PrefixList = {
    prefixListId: (known.id ?? `pl-${region.ids.hex(8)}`) as PrefixListId,
    prefixListName,
    addressFamily: 'IPv4',
    maxEntries: known.blocks.length,
    entries: known.blocks.map((cidr) => ({ cidr })),
    awsManaged: true,
    tags: {},
  };
  region.store.put('ec2/prefix-list', list.prefixListId, list);
  return list;
}
