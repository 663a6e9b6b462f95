/** formats/eksctl/subnet-zone — the zone a config says a subnet is in: its `az`, or its key. */
import type { SubnetSpec } from './cluster-config.ts';

/** Zone names end in a letter: `us-west-2a`, `us-west-2-lax-1a`. */
const isZone = (text: string): boolean => /^[a-z]{2}(-[a-z]+)+-\d+[a-z]?(-.*)?[a-z]$/.test(text);

/** The zone a subnet is in, as far as the config says. */
export const zoneOf = (key: string, spec: SubnetSpec): string | undefined =>
  spec.az ?? (isZone(key) ? key : undefined);
