/**
 * controllers/fargate/pod-size — the vCPU and memory Fargate gives a pod, and what it refuses.
 *
 * Source: EKS user guide, "Understand Fargate Pod configuration details": the larger of the largest
 * init container and the sum of the containers, plus 256 MB for the Kubernetes parts, rounded up to
 * the next combination; without requests the smallest.
 */
import type { Container, Pod, Quantity } from '../../model/kubernetes/core.ts';

export interface PodSize {
  readonly cpuMilli: number;
  readonly memoryMib: number;
}

const GIB = 1_024;

/** Memory in GiB that may go with a vCPU, from least to most. */
const range = (from: number, to: number, step: number): number[] => {
  const steps: number[] = [];
  for (let gib = from; gib <= to; gib += step) steps.push(gib);
  return steps;
};

const COMBINATIONS: readonly {
  readonly cpuMilli: number;
  readonly memoryGib: readonly number[];
}[] = [
  { cpuMilli: 250, memoryGib: [0.5, 1, 2] },
  { cpuMilli: 500, memoryGib: range(1, 4, 1) },
  { cpuMilli: 1_000, memoryGib: range(2, 8, 1) },
  { cpuMilli: 2_000, memoryGib: range(4, 16, 1) },
  { cpuMilli: 4_000, memoryGib: range(8, 30, 1) },
  { cpuMilli: 8_000, memoryGib: range(16, 60, 4) },
  { cpuMilli: 16_000, memoryGib: range(32, 120, 8) },
];

/** Memory Fargate adds for kubelet, kube-proxy and containerd. */
const SYSTEM_MEMORY_MIB = 256;

const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

const amount = (quantity: Quantity | undefined): number => {
  if (quantity === undefined) return 0;
  const parts = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(quantity));
  return parts === null ? 0 : Number(parts[1]) * (SUFFIXES[parts[2]!] ?? 1);
};

const requestOf = ({ resources }: Container): PodSize => {
  const of = (name: string): number =>
    amount(resources?.requests?.[name] ?? resources?.limits?.[name]);
  return { cpuMilli: of('cpu') * 1_000, memoryMib: of('memory') / 2 ** 20 };
};

/** What the pod asks for: the largest init container or all containers together. */
const podRequest = ({ spec }: Pod): PodSize => {
  let [cpuMilli, memoryMib] = [0, 0];
  for (const container of spec.containers) {
    const request = requestOf(container);
    cpuMilli += request.cpuMilli;
    memoryMib += request.memoryMib;
  }
  for (const container of spec.initContainers ?? []) {
    const request = requestOf(container);
    cpuMilli = Math.max(cpuMilli, request.cpuMilli);
    memoryMib = Math.max(memoryMib, request.memoryMib);
  }
  return { cpuMilli, memoryMib };
};

/** The combination the pod runs with; the largest there is when none is large enough. */
export const podSize = (pod: Pod): PodSize => {
  const request = podRequest(pod);
  const neededMib = request.memoryMib === 0 ? 0 : request.memoryMib + SYSTEM_MEMORY_MIB;
  for (const { cpuMilli, memoryGib } of COMBINATIONS) {
    if (cpuMilli < request.cpuMilli) continue;
    const fitting = memoryGib.find((gib) => gib * GIB >= neededMib);
    if (fitting !== undefined) return { cpuMilli, memoryMib: fitting * GIB };
  }
  return { cpuMilli: 16_000, memoryMib: 120 * GIB };
};

/** `0.25vCPU 0.5GB`, as the annotation CapacityProvisioned has it. */
export const sizeText = ({ cpuMilli, memoryMib }: PodSize): string =>
  `${cpuMilli / 1_000}vCPU ${memoryMib / GIB}GB`;

interface SecurityContext {
  readonly privileged?: boolean;
}

/** Why Fargate will not run the pod, in its own words; undefined when it will. */
export const unsupportedReason = ({ spec }: Pod): string | undefined => {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const fields = [
    ...(spec.hostNetwork === true ? ['HostNetwork'] : []),
    ...(spec.hostPID === true ? ['HostPID'] : []),
    ...(spec.hostIPC === true ? ['HostIPC'] : []),
    ...(containers.some(({ ports }) => ports?.some(({ hostPort }) => (hostPort ?? 0) > 0))
      ? ['port contains HostIP or HostPort']
      : []),
  ];
  const volumes = ((spec.volumes ?? []) as readonly Record<string, unknown>[])
    .filter(({ hostPath }) => hostPath !== undefined)
    .map(({ name }) => `${String(name)} is of an unsupported volume Type`);
  const privileged = containers.some(
    ({ securityContext }) => (securityContext as SecurityContext | undefined)?.privileged === true,
  );
  const reasons = [
    ...(fields.length > 0 ? [`fields not supported: ${fields.join(', ')}`] : []),
    ...(volumes.length > 0 ? [`volumes not supported: ${volumes.join(', ')}`] : []),
    ...(privileged ? ['invalid SecurityContext fields: Privileged'] : []),
  ];
  return reasons.length === 0 ? undefined : `Pod not supported on Fargate: ${reasons.join(', ')}`;
};
