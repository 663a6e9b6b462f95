/**
 * analysis/trace/verdict — one verdict of several ways. A flow that sometimes fails is not
 * "delivered": who waits for every third request to time out is told so.
 */
import { formatProbability } from '../../datapath/chance.ts';
import type { Verdict } from '../../datapath/trace.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { NameWalk } from '../../datapath/walk/name-walk.ts';

/** The verdict of all ways together; of the likeliest failure where any fails. */
export function verdictOf(branches: readonly Branch[], name: NameWalk | undefined): Verdict {
  if (name?.failure !== undefined) return name.failure;
  const first = branches[0];
  if (first === undefined) {
    return {
      disposition: 'no-such-name',
      text: `${name?.lookup.name ?? 'the name'} has no address of the sender's family`,
      code: 'DNS_NO_DATA',
    };
  }
  const failed = branches.filter(({ disposition }) => disposition !== 'delivered');
  if (failed.length === 0) return verdictOnly(first);
  const worst = failed.reduce((a, b) => (b.probability > a.probability ? b : a));
  if (failed.length === branches.length && failed.every(({ text }) => text === worst.text)) {
    return verdictOnly(worst);
  }
  const share = failed.reduce((sum, { probability }) => sum + probability, 0);
  const whole = branches.reduce((sum, { probability }) => sum + probability, 0);
  const ways =
    failed.length === branches.length
      ? `each of ${branches.length} ways fails`
      : `${failed.length} of ${branches.length} ways fail (${formatProbability(share / whole)} of connections)`;
  return { ...verdictOnly(worst), text: `${ways}: ${worst.text}` };
}

const verdictOnly = ({ disposition, text, code, remedy }: Branch): Verdict => ({
  disposition,
  text,
  code,
  remedy,
});
