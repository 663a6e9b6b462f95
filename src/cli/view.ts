/** cli/view — what printers may look at, taken from a twin. */
import { isAwsError } from '../model/aws-error.ts';
import type { Twin } from '../twin/twin.ts';
import type { View } from './render/printer.ts';

export function viewOf(twin: Twin): View {
  return {
    store: twin.store,
    nowMs: twin.clock.now(),
    availableAddresses: (subnetId) => {
      const subnets = twin.cloud.ec2.describeSubnets({ subnetIds: [subnetId] });
      return isAwsError(subnets) ? undefined : subnets[0]?.availableIpAddressCount;
    },
  };
}
