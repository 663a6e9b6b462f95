/**
 * conformance/adapters/k8sapi-allocated — addresses and ports a server chose: free within their
 * band. 1.20.2 had no band for chosen ones and took them from the whole range.
 */
import { isPlain, type Plain } from './k8sapi-older.ts';

/** From where, in service CIDR 10.100.0.0/16 and 30000–32767, values are chosen. */
interface Bands {
  /** Offset of the lowest address in the range. */
  readonly firstAddress: number;
  readonly firstPort: number;
}

export const FORMER_BANDS: Bands = { firstAddress: 1, firstPort: 30_000 };
/** Dynamic bands: 10.100.1.1–10.100.255.254 and 30086–32767. */
export const PRESENT_BANDS: Bands = { firstAddress: 257, firstPort: 30_086 };

const LAST_ADDRESS = 65_534;
const LAST_PORT = 32_767;

function isChosenAddress(address: string, { firstAddress }: Bands): boolean {
  const match = /^10\.100\.(\d+)\.(\d+)$/.exec(address);
  if (match === null) return false;
  const offset = Number(match[1]) * 256 + Number(match[2]);
  return offset >= firstAddress && offset <= LAST_ADDRESS;
}

const isChosenPort = (port: unknown, { firstPort }: Bands): boolean =>
  typeof port === 'number' && port >= firstPort && port <= LAST_PORT;

/** Allocated values replaced by a word when they lie in their band; asked-for ones stay. */
export function withoutAllocated(result: Plain, input: unknown, bands: Bands): Plain {
  const { spec } = result;
  if (result.kind !== 'Service' || !isPlain(spec)) return result;
  // Whoever asks for a value names it, wherever in the request that is.
  const asked = JSON.stringify(input);
  const isAsked = (value: unknown) => asked.includes(JSON.stringify(value));
  const free: Record<string, unknown> = { ...spec };
  const address = spec.clusterIP;
  if (typeof address === 'string' && !isAsked(address) && isChosenAddress(address, bands)) {
    free.clusterIP = 'allocated';
    const rest = ((spec.clusterIPs ?? []) as readonly string[]).slice(1);
    free.clusterIPs = ['allocated', ...rest];
  }
  free.ports = ((spec.ports ?? []) as readonly Plain[]).map((port) => {
    const isFree = !isAsked(port.nodePort) && isChosenPort(port.nodePort, bands);
    return isFree ? { ...port, nodePort: 'allocated' } : port;
  });
  const health = spec.healthCheckNodePort;
  if (!isAsked(health) && isChosenPort(health, bands)) free.healthCheckNodePort = 'allocated';
  return { ...result, spec: free };
}
