/**
 * datapath/vpc/subnet-border — the network ACL a packet meets when it leaves or enters a subnet:
 * stateless, so a packet and its answer are asked for each on its own.
 */
import { formatPacket } from '../../net/index.ts';
import type { Element, Step } from '../trace.ts';
import { allowByAcl } from './aws-command.ts';
import { decidingEntry, type ReadyAcl, type ReadyEntry } from './network-acl-entries.ts';
import type { VpcOutcome } from './outcome.ts';
import { note, type Passage, stop } from './passage.ts';
import type { Direction } from './security-group-rules.ts';
import type { AssociatedAcl, SubnetPlace } from './topology.ts';

/**
 * The number of an entry that comes before the one that denies, and the entries in its way; 0: no
 * number is free.
 */
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
  return { ruleNumber, skipped };
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
  const place =
    before === undefined
      ? { ruleNumber: numberAfter(entries), isTaken: false }
      : before.ruleNumber > 0
        ? { ruleNumber: before.ruleNumber, isTaken: false }
        : { ruleNumber: entry!.ruleNumber, isTaken: true };
  return stop(passage, {
    layer: 'security',
    kind: `network-acl-${direction}`,
    disposition: 'denied-by-network-acl',
    text: `${id}: ${why}: ${formatPacket(packet)}${answer}`,
    code: isReply ? 'NACL_REPLY_BLOCKED' : 'SUBNET_ACL_RESTRICTION',
    decisive: entry === undefined ? association : [entry.element, ...association],
    considered: before === undefined ? entries.map(({ element }) => element) : before.skipped,
    remedy: allowByAcl(id, direction, packet, place, isReply),
  });
}

/** What is said of an entry, by the association that brought the packet to its ACL. */
const allowSteps = new WeakMap<AssociatedAcl, Map<ReadyEntry, Step>>();

function allowStep(acl: AssociatedAcl, direction: Direction, entry: ReadyEntry): Step {
  const byEntry = allowSteps.get(acl) ?? new Map<ReadyEntry, Step>();
  let step = byEntry.get(entry);
  if (step === undefined) {
    step = {
      layer: 'security',
      kind: `network-acl-${direction}`,
      action: 'allow',
      text: `${acl.acl.acl.networkAclId} entry ${entry.ruleNumber} ${entry.text}`,
      evidence: { decisive: [entry.element, ...associationOf(acl)] },
    };
    allowSteps.set(acl, byEntry.set(entry, step));
  }
  return step;
}

const associationOf = ({ association }: AssociatedAcl): readonly Element[] =>
  association === undefined ? [] : [association];

/** Asks the subnet's network ACL; the end of the way where it refuses. */
export function crossBorder(
  passage: Passage,
  { subnet, acl }: SubnetPlace,
  direction: Direction,
): VpcOutcome | undefined {
  if (acl === undefined) {
    const kind = `network-acl-${direction}`;
    const text = `the network ACL of ${subnet.subnetId} is in no document: taken as open`;
    note(passage, 'security', kind, 'note', text);
    return undefined;
  }
  const entry = decidingEntry(acl.acl, direction, passage.packet);
  if (entry?.allows !== true) return denied(passage, acl.acl, direction, entry, associationOf(acl));
  passage.recorder.step(allowStep(acl, direction, entry));
  return undefined;
}
