/** analysis/trace/end-port — the port a packet goes to: as written, by name, or the only one. */
import { InputError } from '../../model/input-error.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';

/** A port number as text; undefined where none is written. @throws InputError for a wrong one */
export function portNumber(text: string | undefined, where: string): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= 65_535) return port;
  throw new InputError(where, `"${text}" is no port`, 'write a number from 1 to 65535');
}

interface ChosenPort {
  readonly port: number;
  /** What was chosen where nothing was written. */
  readonly note?: string | undefined;
}

/** A pod's port: a number, a name, or the first that a container declares. */
export function portOfPod(pod: Pod, text: string | undefined, where: string): ChosenPort {
  const declared = pod.spec.containers.flatMap(({ ports }) => ports ?? []);
  if (text !== undefined) {
    const byName = declared.find(({ name }) => name === text);
    return { port: byName?.containerPort ?? portNumber(text, where)! };
  }
  const first = declared[0];
  if (first === undefined) {
    throw new InputError(
      where,
      `pod ${keyOf(pod)} declares no port`,
      `write pod/${keyOf(pod)}:PORT, or --proto icmp`,
    );
  }
  const note = `port ${first.containerPort}, the first that its containers declare`;
  return { port: first.containerPort, note };
}

/** A service's port: a number, a name, or its only one. */
export function portOfService(
  service: Service,
  text: string | undefined,
  where: string,
): ChosenPort {
  const ports = service.spec.ports ?? [];
  const known = ports.map(({ name, port }) =>
    name === undefined ? `${port}` : `${port} (${name})`,
  );
  if (text !== undefined) {
    const byName = ports.find(({ name }) => name === text);
    if (byName !== undefined) return { port: byName.port };
    return { port: portNumber(text, where)! };
  }
  if (ports.length === 1) return { port: ports[0]!.port };
  throw new InputError(
    where,
    `service ${keyOf(service)} has ${ports.length === 0 ? 'no' : ports.length} ports`,
    ports.length === 0
      ? `write svc/${keyOf(service)}:PORT`
      : `write svc/${keyOf(service)}:PORT with one of ${known.join(', ')}`,
  );
}
