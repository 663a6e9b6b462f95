/**
 * scripts/instance-types — writes src/model/ec2/instance-types.data.ts from the limits table.
 *
 * Run: `npx tsx scripts/instance-types.ts [limits.json]` in the repository's root; the default
 * path is ../shared/vectors/cni/limits.json (union of aws/amazon-vpc-cni-k8s@b52188387
 * pkg/vpc/vpc_ip_resource_limit.go and amazon-vpc-resource-controller-k8s@b8d425119
 * pkg/aws/vpc/limits.go). vCPUs, memory and architecture come from instance-sizes.txt beside this
 * file; a type missing there is sized from a sibling of its family and marked `~`.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One row of limits.json, as far as this script reads it. */
interface LimitsRow {
  readonly instanceType: string;
  readonly maxENI: number;
  readonly ipv4PerENI: number;
  readonly hypervisor: string;
  readonly bareMetal: boolean;
  readonly defaultNetworkCardIndex: number;
  readonly networkCards: readonly { networkCardIndex: number; maxInterfaces: number }[];
  readonly isTrunkingCompatible: boolean | null;
  readonly branchInterfaces: number | null;
}

interface Size {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly arch: string;
}

const SIZES_FILE = fileURLToPath(new URL('instance-sizes.txt', import.meta.url));
const DATA_FILE = fileURLToPath(
  new URL('../src/model/ec2/instance-types.data.ts', import.meta.url),
);
const DEFAULT_LIMITS_FILE = '../shared/vectors/cni/limits.json';

const HEADER = `/**
 * model/ec2/instance-types.data — every EC2 instance type as one line of text; generated.
 *
 * Written by scripts/instance-types.ts; sources are named there and in scripts/instance-sizes.txt.
 * One string, so that loading it costs nothing until instance-type.ts parses it on first use.
 */

/**
 * Fields, separated by one space: name, ENIs on the default network card, IPv4 addresses per ENI
 * (the primary included), hypervisor (n nitro, x xen, u unknown), b for bare metal, default card,
 * cards as index:ENIs, trunk compatible (y, n, - not in the resource controller's table), branch
 * interfaces (-), vCPUs (~ in front: derived from a sibling; ? unknown), memory in MiB (?), arch.
 */
export const INSTANCE_TYPE_LINES = \``;

/** Size words in units of one xlarge; Nxlarge and metal-Nxl are N. */
const SIZE_WORDS: ReadonlyMap<string, number> = new Map([
  ['nano', 1 / 32],
  ['micro', 1 / 16],
  ['small', 1 / 8],
  ['medium', 1 / 4],
  ['large', 1 / 2],
  ['xlarge', 1],
]);

const familyOf = (name: string): string => name.slice(0, name.indexOf('.'));

/** How many xlarges a type is; undefined for plain `metal`, which is as big as its family gets. */
const xlargesOf = (name: string): number | undefined => {
  const size = name.slice(name.indexOf('.') + 1);
  const numbered = /^(?:metal-)?(\d+)xl(?:arge)?$/.exec(size);
  return numbered === null ? SIZE_WORDS.get(size) : Number(numbered[1]);
};

const readSizes = (): Map<string, Size> => {
  const sizes = new Map<string, Size>();
  for (const line of readFileSync(SIZES_FILE, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', vcpus, memoryMib, arch = ''] = line.split(' ');
    sizes.set(name, { vcpus: Number(vcpus), memoryMib: Number(memoryMib), arch });
  }
  return sizes;
};

/** The size a family's other types imply: nearest sibling scaled; metal equals the largest. */
const deriveSize = (name: string, sizes: ReadonlyMap<string, Size>): Size | undefined => {
  const siblings = [...sizes]
    .filter(([other]) => familyOf(other) === familyOf(name) && xlargesOf(other) !== undefined)
    .map(([other, size]) => ({ size, xlarges: xlargesOf(other) ?? 0 }))
    .sort((a, b) => a.xlarges - b.xlarges);
  const wanted = xlargesOf(name) ?? siblings.at(-1)?.xlarges;
  if (wanted === undefined) return undefined;
  const distance = (xlarges: number): number => Math.abs(Math.log2(xlarges / wanted));
  const nearest = siblings.toSorted((a, b) => distance(a.xlarges) - distance(b.xlarges))[0];
  if (nearest === undefined) return undefined;
  const ratio = wanted / nearest.xlarges;
  return {
    vcpus: Math.max(1, Math.round(nearest.size.vcpus * ratio)),
    memoryMib: Math.round(nearest.size.memoryMib * ratio),
    arch: nearest.size.arch,
  };
};

/** The architecture a family's name says: a `g` after the generation digit is Graviton. */
const archFromFamily = (name: string): string =>
  /^[a-z]+\d+[a-z]*g/.test(familyOf(name)) || name.startsWith('a1.') ? 'arm64' : 'amd64';

const sizeFields = (name: string, sizes: ReadonlyMap<string, Size>): string => {
  const known = sizes.get(name);
  if (known !== undefined) return `${known.vcpus} ${known.memoryMib} ${known.arch}`;
  const derived = deriveSize(name, sizes);
  if (derived === undefined) return `~? ? ${archFromFamily(name)}`;
  return `~${derived.vcpus} ${derived.memoryMib} ${derived.arch}`;
};

const HYPERVISOR_LETTERS: Readonly<Record<string, string>> = { nitro: 'n', xen: 'x' };

const lineOf = (row: LimitsRow, sizes: ReadonlyMap<string, Size>): string =>
  [
    row.instanceType,
    row.maxENI,
    row.ipv4PerENI,
    HYPERVISOR_LETTERS[row.hypervisor] ?? 'u',
    row.bareMetal ? 'b' : '-',
    row.defaultNetworkCardIndex,
    row.networkCards.map((card) => `${card.networkCardIndex}:${card.maxInterfaces}`).join(','),
    row.isTrunkingCompatible === null ? '-' : row.isTrunkingCompatible ? 'y' : 'n',
    row.branchInterfaces ?? '-',
    sizeFields(row.instanceType, sizes),
  ].join(' ');

const limitsFile = process.argv[2] ?? DEFAULT_LIMITS_FILE;
const limits = JSON.parse(readFileSync(limitsFile, 'utf8')) as { instances: LimitsRow[] };
const sizes = readSizes();
const lines = limits.instances.map((row) => lineOf(row, sizes)).sort((a, b) => (a < b ? -1 : 1));
writeFileSync(DATA_FILE, `${HEADER}\n${lines.join('\n')}\n\`;\n`);
const derived = lines.filter((line) => line.includes('~')).map((line) => line.split(' ')[0]);
console.log(
  `${lines.length} instance types; sized from a sibling or unknown: ${derived.join(', ')}`,
);
