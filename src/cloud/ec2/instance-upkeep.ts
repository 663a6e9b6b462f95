/**
 * cloud/ec2/instance-upkeep — instances stopped, started and changed. An instance keeps its
 * interfaces and private addresses while it is stopped; a public address that was lent goes back.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import { instanceType } from '../../model/ec2/instance-type.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { publicDnsName, type Region } from '../region.ts';
import { withPublic } from './elastic-ip.ts';
import { soundGroups } from './new-interface.ts';
import { invalidValue, noInstance } from './not-found.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';

type InstanceUpkeep = Pick<
  UpkeepOperations,
  | 'stopInstances'
  | 'startInstances'
  | 'rebootInstances'
  | 'modifyInstanceAttribute'
  | 'modifyInstanceMetadataOptions'
>;

export const instanceUpkeep = (region: Region): InstanceUpkeep => ({
  stopInstances: ({ instanceIds }) => change(region, instanceIds, 'stopped', stop),
  startInstances: ({ instanceIds }) => change(region, instanceIds, 'started', start),
  rebootInstances({ instanceIds }) {
    const found = instancesOf(region, instanceIds, 'rebooted');
    return isAwsError(found) ? found : true;
  },
  modifyInstanceAttribute: (input) => modify(region, input),
  modifyInstanceMetadataOptions({ instanceId, httpTokens, httpPutResponseHopLimit }) {
    const instance = region.store.get('ec2/instance', instanceId);
    if (instance === undefined) return noInstance(instanceId);
    const hops = httpPutResponseHopLimit ?? instance.httpPutResponseHopLimit;
    if (hops < 1 || hops > 64) {
      return invalidValue(
        `Value (${hops}) for parameter HttpPutResponseHopLimit is invalid. Must be between 1 ` +
          'and 64.',
      );
    }
    const changed: Instance = {
      ...instance,
      httpTokens: httpTokens ?? instance.httpTokens,
      httpPutResponseHopLimit: hops,
    };
    region.store.put('ec2/instance', instanceId, changed);
    return changed;
  },
});

type Change = 'stopped' | 'started' | 'rebooted';

/** All of them, none terminated, or what is wrong with the first. */
function instancesOf(
  region: Region,
  ids: readonly string[],
  change: Change,
): readonly Instance[] | AwsError {
  const found: Instance[] = [];
  for (const id of new Set(ids)) {
    const instance = region.store.get('ec2/instance', id);
    if (instance === undefined) return noInstance(id);
    if (instance.state === 'terminated' || instance.state === 'shutting-down') {
      return awsError(
        'IncorrectInstanceState',
        `The instance '${id}' is not in a state from which it can be ${change}.`,
      );
    }
    found.push(instance);
  }
  return found;
}

function change(
  region: Region,
  ids: readonly string[],
  what: Change,
  act: (region: Region, instance: Instance) => void,
): readonly Instance[] | AwsError {
  const found = instancesOf(region, ids, what);
  if (isAwsError(found)) return found;
  for (const instance of found) act(region, instance);
  return found;
}

const primaryOf = ({ store }: Region, { instanceId }: Instance): NetworkInterface | undefined =>
  store
    .lookup('ec2/network-interface', 'instance', instanceId)
    .find(({ attachment }) => attachment?.deviceIndex === 0);

function stop(region: Region, instance: Instance): void {
  if (instance.state !== 'running' && instance.state !== 'pending') return;
  const eni = primaryOf(region, instance);
  const address = eni?.privateIpAddresses.find(({ primary }) => primary);
  const lent = address?.public !== undefined && address.public.allocationId === undefined;
  if (eni !== undefined && lent) {
    const without = withPublic(eni, address.address, undefined);
    region.store.put('ec2/network-interface', eni.networkInterfaceId, without);
  }
  region.store.put('ec2/instance', instance.instanceId, {
    ...instance,
    state: 'stopped',
    publicIpAddress: lent ? undefined : instance.publicIpAddress,
    ...(lent ? { isLentAddressOnStart: true } : {}),
  });
}

function start(region: Region, instance: Instance): void {
  if (instance.state !== 'stopped' && instance.state !== 'stopping') return;
  const { isLentAddressOnStart, ...rest } = instance;
  const eni = primaryOf(region, instance);
  const address = eni?.privateIpAddresses[0];
  let { publicIpAddress } = instance;
  if (eni !== undefined && address?.public === undefined && isLentAddressOnStart === true) {
    publicIpAddress = region.ids.publicIpv4();
    const lent = {
      publicIp: publicIpAddress,
      publicDnsName: publicDnsName(region.name, publicIpAddress),
    };
    const now = withPublic(eni, address!.address, lent);
    region.store.put('ec2/network-interface', eni.networkInterfaceId, now);
  }
  region.store.put('ec2/instance', instance.instanceId, {
    ...rest,
    state: 'running',
    publicIpAddress,
    launchedAtMs: region.clock.now(),
  });
}

type ModifyInput = Parameters<UpkeepOperations['modifyInstanceAttribute']>[0];

function modify(region: Region, input: ModifyInput): true | AwsError {
  const { instanceId, groups, sourceDestCheck } = input;
  const instance = region.store.get('ec2/instance', instanceId);
  if (instance === undefined) return noInstance(instanceId);
  if (input.instanceType !== undefined) return retype(region, instance, input.instanceType);
  if (groups === undefined && sourceDestCheck === undefined) return true;
  const enis = region.store.lookup('ec2/network-interface', 'instance', instanceId);
  const [eni] = enis;
  if (enis.length > 1 || eni === undefined) {
    return awsError(
      'InvalidInstanceID',
      `There are multiple interfaces attached to instance '${instanceId}'. Please specify an ` +
        'interface ID for the operation instead.',
    );
  }
  const sound = groups === undefined ? eni.groups : soundGroups(region, eni, groups);
  if (isAwsError(sound)) return sound;
  region.store.put('ec2/network-interface', eni.networkInterfaceId, {
    ...eni,
    groups: sound,
    sourceDestCheck: sourceDestCheck ?? eni.sourceDestCheck,
  });
  return true;
}

function retype(region: Region, instance: Instance, name: string): true | AwsError {
  const { instanceId } = instance;
  if (instanceType(name) === undefined)
    return invalidValue(`Invalid value '${name}' for InstanceType.`);
  if (instance.state !== 'stopped') {
    return awsError(
      'IncorrectInstanceState',
      `The instance '${instanceId}' is not in the 'stopped' state.`,
    );
  }
  region.store.put('ec2/instance', instanceId, { ...instance, instanceType: name });
  return true;
}
