/**
 * formats/eksctl/ami-family — eksctl's names of node images and EKS's names of the same.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/types.go SupportedAMIFamilies,
 * amitype.go GetAMIType (accelerated images are left out: they change no network).
 */
import { instanceType } from '../../model/ec2/instance-type.ts';

const AMI_TYPES: Readonly<Record<string, readonly [amd64: string, arm64: string]>> = {
  AmazonLinux2023: ['AL2023_x86_64_STANDARD', 'AL2023_ARM_64_STANDARD'],
  AmazonLinux2: ['AL2_x86_64', 'AL2_ARM_64'],
  UbuntuPro2604: ['CUSTOM', 'CUSTOM'],
  Ubuntu2604: ['CUSTOM', 'CUSTOM'],
  UbuntuPro2404: ['CUSTOM', 'CUSTOM'],
  Ubuntu2404: ['CUSTOM', 'CUSTOM'],
  UbuntuPro2204: ['CUSTOM', 'CUSTOM'],
  Ubuntu2204: ['CUSTOM', 'CUSTOM'],
  UbuntuPro2004: ['CUSTOM', 'CUSTOM'],
  Ubuntu2004: ['CUSTOM', 'CUSTOM'],
  Bottlerocket: ['BOTTLEROCKET_x86_64', 'BOTTLEROCKET_ARM_64'],
  BottlerocketFips: ['BOTTLEROCKET_x86_64_FIPS', 'BOTTLEROCKET_ARM_64_FIPS'],
  WindowsServer2019CoreContainer: ['WINDOWS_CORE_2019_x86_64', 'WINDOWS_CORE_2019_x86_64'],
  WindowsServer2019FullContainer: ['WINDOWS_FULL_2019_x86_64', 'WINDOWS_FULL_2019_x86_64'],
  WindowsServer2022CoreContainer: ['WINDOWS_CORE_2022_x86_64', 'WINDOWS_CORE_2022_x86_64'],
  WindowsServer2022FullContainer: ['WINDOWS_FULL_2022_x86_64', 'WINDOWS_FULL_2022_x86_64'],
  WindowsServer2025CoreContainer: ['WINDOWS_CORE_2025_x86_64', 'WINDOWS_CORE_2025_x86_64'],
  WindowsServer2025FullContainer: ['WINDOWS_FULL_2025_x86_64', 'WINDOWS_FULL_2025_x86_64'],
};

export const AMI_FAMILIES: readonly string[] = Object.keys(AMI_TYPES);

/** The family as eksctl spells it, whatever the case; undefined when there is none. */
export const amiFamilyOf = (name: string): string | undefined =>
  AMI_FAMILIES.find((family) => family.toLowerCase() === name.toLowerCase());

/** EKS's AMI type of a family on an instance type. */
export function amiTypeOf(family: string, type: string): string {
  const [amd64, arm64] = AMI_TYPES[amiFamilyOf(family) ?? 'AmazonLinux2023']!;
  return instanceType(type)?.arch === 'arm64' ? arm64 : amd64;
}
