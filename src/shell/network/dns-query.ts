/**
 * shell/network/dns-query — one question to one name server, as dig puts it: the packet is walked,
 * then the server answers; what a server of ours could not ask others for is SERVFAIL.
 */
import { recordQueries } from '../../analysis/logs/query-log.ts';
import { isPublicAnswer } from '../../analysis/trace/served-host.ts';
import { meansService } from '../../analysis/trace/stray-name.ts';
import type { DnsQuery } from '../../datapath/dns/answer.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP, parseIp } from '../../net/index.ts';
import type { Run } from '../run.ts';
import { callerOf } from './caller.ts';
import { flowTo, sendOnce } from './connect.ts';

export type QueryOutcome =
  | { readonly kind: 'answered'; readonly query: DnsQuery }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'not-simulated'; readonly text: string };

export interface QueryOptions {
  readonly protocol: 'udp' | 'tcp';
  readonly timeoutMs: number;
  readonly tries: number;
  /** What the user typed, where no server was named. */
  readonly typed?: string | undefined;
}

const PORT = 53;

/** @param name  whole or not: it is asked for as it is */
export async function query(
  run: Run,
  server: string,
  name: string,
  type: string,
  { protocol, timeoutMs, tries, typed }: QueryOptions,
): Promise<QueryOutcome> {
  const caller = callerOf(run);
  const { datapath } = caller.world.twin;
  const address = parseIp(server);
  const flow =
    address === undefined
      ? undefined
      : flowTo(caller, address, PORT, {
          protocol: protocol === 'udp' ? PROTOCOL_UDP : PROTOCOL_TCP,
          dontFragment: false,
        });
  if (flow === undefined) return { kind: 'refused' };
  for (let tried = 0; tried < tries; tried++) {
    const { hears, verdict } = sendOnce(caller, flow);
    if (verdict.disposition === 'not-simulated')
      return { kind: 'not-simulated', text: verdict.text };
    if (hears === 'reset') return { kind: 'refused' };
    if (hears === 'answer') {
      const asked = datapath.names.ask(caller.vantage, server, name, type, protocol);
      if (asked.rcode === 'NOT-SIMULATED')
        return { kind: 'not-simulated', text: asked.notes[0] ?? `what ${server} answers` };
      const isCutOff = asked.forwarded.length > 0 && isForwardingLost(run, name);
      if (isCutOff) return { kind: 'answered', query: { ...asked, rcode: 'SERVFAIL', answer: [] } };
      // As resolve() has it: a made-up public address is no answer to a name meant for a Service.
      const isStray = isPublicAnswer(asked) && isMeantInside(run, name, typed);
      if (isStray) return { kind: 'answered', query: { ...asked, rcode: 'NXDOMAIN', answer: [] } };
      if (asked.rcode !== 'TIMEOUT') {
        recordQueries(caller.world.twin, [asked]);
        return { kind: 'answered', query: asked };
      }
    }
    await run.patience.sleep(timeoutMs);
  }
  return { kind: 'timed-out' };
}

const isMeantInside = ({ host }: Run, name: string, typed: string | undefined): boolean =>
  typed !== undefined &&
  name.replace(/\.$/, '') === typed &&
  meansService(host.world.twin.store, typed);

/** The server's own queries for the name do not get through. */
function isForwardingLost(run: Run, name: string): boolean {
  const { origin, vantage, world } = callerOf(run);
  const whole = name.endsWith('.') ? name : `${name}.`;
  const { ways } = world.twin.datapath.lookup(vantage, whole, origin);
  return ways.some(
    ({ from, branches }) =>
      from !== origin.label && branches.every(({ disposition }) => disposition !== 'delivered'),
  );
}
