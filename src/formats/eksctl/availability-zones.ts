/**
 * formats/eksctl/availability-zones — the zones eksctl picks when the config names none: three at
 * random, two in us-east-1, none of those EKS has no room in.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/az/az.go:19 zoneIDsToAvoid, :46 randomSelectionOfZones.
 * Which zones lack an instance type is not known here; every zone is taken to have all.
 */
import type { Builder } from './builder.ts';

const AVOIDED_ZONE_IDS = ['use1-az3', 'usw1-az2', 'cac1-az3'];
const ZONES = 3;
const ZONES_US_EAST_1 = 2;

/** Zone names in the order subnets are laid out; may repeat when the config repeats one. */
export function chooseZones(builder: Builder): readonly string[] {
  const given = builder.spec.availabilityZones ?? [];
  if (given.length > 0) return given;
  const { cloud } = builder;
  const zones = cloud.availabilityZones;
  const roomy = zones.filter(({ id }) => !AVOIDED_ZONE_IDS.includes(id));
  // An account sees the avoided zone beside two others or not at all, so two are always left.
  const usable = (roomy.length < 2 ? zones : roomy).map(({ name }) => name);
  if (usable.length < 2) {
    builder.refuse(
      ['metadata', 'region'],
      `only ${usable.length} zones discovered [${usable.join(' ')}], at least 2 are required`,
      'Name two zones under availabilityZones.',
    );
  }
  if (usable.length < ZONES) return usable;
  const random = builder.random.split('availability zones');
  const left = [...usable];
  const wanted = cloud.region === 'us-east-1' ? ZONES_US_EAST_1 : ZONES;
  return Array.from({ length: wanted }, () => left.splice(random.int(left.length), 1)[0]!);
}
