/**
 * formats/linux/ss — what listens in a namespace, laid out as `ss -ltnup` of iproute2 6.1 does, with
 * what says so where ss has process ids: a manifest knows none.
 */
import type { NetworkNamespace, Socket } from '../../model/linux/namespace.ts';

const HEADS = ['Netid', 'State', 'Local Address:Port', 'Process', 'Known from'];

const localAddress = ({ address, port }: Socket): string => {
  if (address === undefined) return `*:${port}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
};

/** Sockets by protocol and port, under their heads. */
export function ssText({ sockets }: Pick<NetworkNamespace, 'sockets'>): string {
  const sorted = [...sockets].sort((a, b) =>
    a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.port - b.port,
  );
  const rows = [
    HEADS,
    ...sorted.map((socket) => [
      socket.protocol,
      socket.protocol === 'udp' ? 'UNCONN' : 'LISTEN',
      localAddress(socket),
      socket.process,
      socket.source,
    ]),
  ];
  const widths = HEADS.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
