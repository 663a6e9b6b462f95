/**
 * cloud/ec2/vpc-cidr — which blocks a VPC may have.
 *
 * Source: Amazon VPC User Guide, "VPC CIDR blocks", its table of restricted associations.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import {
  type Cidr4,
  canonicalCidr,
  cidrTextsOverlap,
  containsCidr,
  formatCidr,
  overlaps,
  parseCidr4,
  RFC1918,
} from '../../net/index.ts';
import { invalidValue } from './not-found.ts';

const block = (text: string): Cidr4 => parseCidr4(text)!;

/** Never a VPC's: this host, loopback, link-local, multicast and what lies above. */
const FORBIDDEN = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map(block);

/** Default VPCs' own block; no VPC of a private range may add it (recollection of the table). */
const DEFAULT_VPC_BLOCK = block('172.31.0.0/16');

const VPC_BITS_MIN = 16;
const VPC_BITS_MAX = 28;

/** The block with its host bits cleared, or EC2's refusal. */
export function vpcBlock(text: string): Cidr4 | AwsError {
  const cidr = parseCidr4(text);
  if (cidr === undefined) {
    return invalidValue(
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  const size = cidr.bits >= VPC_BITS_MIN && cidr.bits <= VPC_BITS_MAX;
  if (!size || FORBIDDEN.some((range) => overlaps(range, cidr)))
    return awsError('InvalidVpc.Range', `The CIDR '${text}' is invalid.`);
  return canonicalCidr(cidr);
}

/** A block to be added to a VPC: not overlapping, and not of another private range. */
export function secondaryBlock(vpc: Vpc, text: string): Cidr4 | AwsError {
  const cidr = vpcBlock(text);
  if ('code' in cidr) return cidr;
  const taken = vpc.cidrBlocks.some((it) => cidrTextsOverlap(it.cidrBlock, text));
  if (taken || isRestricted(block(vpc.cidrBlock), cidr)) {
    return awsError(
      'InvalidVpc.Range',
      `The CIDR '${formatCidr(cidr)}' is restricted. Use a CIDR from the same private address ` +
        'range as the current VPC CIDR, or use a publicly-routable CIDR. ' +
        'For additional restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html.',
    );
  }
  return cidr;
}

function isRestricted(primary: Cidr4, added: Cidr4): boolean {
  const home = RFC1918.find((range) => containsCidr(range, primary));
  const range = RFC1918.find((it) => overlaps(it, added));
  if (range !== undefined && range !== home) return true;
  return home !== undefined && overlaps(DEFAULT_VPC_BLOCK, added);
}
