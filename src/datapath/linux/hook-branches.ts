/**
 * datapath/linux/hook-branches — what the packet filter of a namespace makes of one packet, without
 * routing it: every way chance may take it, its new destination, whether it is masqueraded.
 */

import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import { familyOf, type Packet } from '../../net/index.ts';
import { type Branch, everyPath } from '../every-path.ts';
import { Recorder } from '../recorder.ts';
import { compile } from './compiled-namespace.ts';
import { LinuxHost } from './linux-host.ts';
import type { Stopped } from './outcome.ts';
import { Passage } from './passage.ts';

const LOOPBACK = 'lo';

export interface HookEnd {
  /** After PREROUTING or OUTPUT: where it is sent, its source still the client's. */
  readonly packet: Packet;
  /** After POSTROUTING, where it got there. */
  readonly leaving: Packet | undefined;
  /** A rule gave it a source address, be it the one it had. */
  readonly isMasqueraded: boolean;
  /** A rule of the filter table accepted it by name, not by policy. */
  readonly isAcceptedByRule: boolean;
  readonly stopped: Stopped | undefined;
}

function pass(
  namespace: NetworkNamespace,
  inLink: string | undefined,
  outLink: string,
  passageOf: (host: LinuxHost) => Passage,
): HookEnd {
  const host = new LinuxHost(namespace);
  const passage = passageOf(host);
  passage.inLink = inLink;
  if (inLink === undefined) passage.outLink = outLink;
  let stopped = passage.at(inLink === undefined ? 'output' : 'prerouting');
  const sent = passage.packet;
  const isForHere = host.addressType(sent.destination) === 'LOCAL';
  let leaving: Packet | undefined;
  if (inLink !== undefined && !isForHere) {
    passage.outLink = outLink;
    stopped ??= passage.at('forward');
  }
  if (inLink === undefined || !isForHere) {
    stopped ??= passage.at('postrouting');
    leaving = stopped === undefined ? passage.packet : undefined;
  }
  if (inLink === undefined && isForHere) {
    passage.inLink = LOOPBACK;
    passage.outLink = undefined;
    stopped ??= passage.at('prerouting');
  }
  if (isForHere) stopped ??= passage.at('input');
  return {
    packet: sent,
    leaving,
    isMasqueraded: leaving !== undefined && passage.isSourceTranslated,
    isAcceptedByRule: passage.isAcceptedByRule,
    stopped,
  };
}

/**
 * Every branch of one first packet through PREROUTING (with `inLink`) or OUTPUT, then INPUT or
 * FORWARD, then POSTROUTING.
 *
 * @param inLink   undefined: a program of the namespace sends it
 * @param outLink  where it would leave
 */
export function hookBranches(
  namespace: NetworkNamespace,
  packet: Packet,
  inLink: string | undefined,
  outLink: string,
): readonly Branch<HookEnd>[] {
  const chains = compile(namespace).chains(familyOf(packet.destination));
  return everyPath((chance) =>
    pass(
      namespace,
      inLink,
      outLink,
      (host) => new Passage(host, chains, packet, 'request', new Recorder(), chance),
    ),
  );
}
