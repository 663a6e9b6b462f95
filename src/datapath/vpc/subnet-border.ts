/**
 * datapath/vpc/subnet-border — the network ACL a packet meets when it leaves or enters a subnet:
 * stateless, so a packet and its answer are asked for each on its own.
 */
import { formatPacket } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { allowByAcl } from './aws-command.ts';
import { decidingEntry, type ReadyAcl, type ReadyEntry } from './network-acl-entries.ts';
import type { VpcOutcome } from './outcome.ts';
import { note, type Passage, stop } from './passage.ts';
import type { Direction } from './security-group-rules.ts';
import type { SubnetPlace } from './topology.ts';

/** The number of an entry that comes before the one that denies, and the entries in its way. */
function numberBefore(
  entries: readonly ReadyEntry[],
  denying: ReadyEntry,
): { readonly ruleNumber: number; readonly skipped: readonly Element[] } {
  const skipped: Element[] = [];
  let ruleNumber = denying.ruleNumber - 1;
  for (const entry of [...entries].reverse()) {
    if (entry.ruleNumber !== ruleNumber) continue;
    skipped.push(entry.element);
    ruleNumber--;
  }
  return { ruleNumber: Math.max(ruleNumber, 1), skipped };
}

/** The number after all others, in EC2's steps of a hundred. */
const numberAfter = (entries: readonly ReadyEntry[]): number => {
  const last = entries.at(-1)?.ruleNumber ?? 0;
  return Math.min((Math.floor(last / 100) + 1) * 100, 32_766);
};

function denied(
  passage: Passage,
  ready: ReadyAcl,
  direction: Direction,
  entry: ReadyEntry | undefined,
  association: readonly Element[],
): VpcOutcome {
  const { packet, isReply } = passage;
  const id = ready.acl.networkAclId;
  const entries = ready[direction];
  const before = entry === undefined ? undefined : numberBefore(entries, entry);
  const why =
    entry === undefined
      ? `no ${direction} entry allows it`
      : `${direction} entry ${entry.ruleNumber} ${entry.text}`;
  const answer = isReply ? ', and the answer is asked for like any packet' : '';
  return stop(passage, {
    layer: 'security',
    kind: `network-acl-${direction}`,
    disposition: 'denied-by-network-acl',
    text: `${id}: ${why}: ${formatPacket(packet)}${answer}`,
    code: isReply ? 'NACL_REPLY_BLOCKED' : 'SUBNET_ACL_RESTRICTION',
    decisive: entry === undefined ? association : [entry.element, ...association],
    considered: before === undefined ? entries.map(({ element }) => element) : before.skipped,
    remedy: allowByAcl(id, direction, packet, before?.ruleNumber ?? numberAfter(entries), isReply),
  });
}

/** Asks the subnet's network ACL; the end of the way where it refuses. */
export function crossBorder(
  passage: Passage,
  { subnet, acl }: SubnetPlace,
  direction: Direction,
): VpcOutcome | undefined {
  const kind = `network-acl-${direction}`;
  if (acl === undefined) {
    const text = `the network ACL of ${subnet.subnetId} is in no document: taken as open`;
    note(passage, 'security', kind, 'note', text);
    return undefined;
  }
  const entry = decidingEntry(acl.acl, direction, passage.packet);
  const association = acl.association === undefined ? [] : [acl.association];
  if (entry?.allows !== true) return denied(passage, acl.acl, direction, entry, association);
  const text = `${acl.acl.acl.networkAclId} entry ${entry.ruleNumber} ${entry.text}`;
  note(passage, 'security', kind, 'allow', text, [entry.element, ...association]);
  return undefined;
}
