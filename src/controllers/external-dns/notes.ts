/**
 * controllers/external-dns/notes — what an external-dns did not do, and what is not simulated of
 * it, in sentences.
 */
import type { Note } from '../../model/input-error.ts';
import type { ExternalDnsReport } from './external-dns.ts';

export function notesOf(report: ExternalDnsReport): readonly Note[] {
  const { failures, foreign, homeless, name, unfollowed, unrouted } = report;
  const where = `external-dns ${name}`;
  const texts = [
    ...failures,
    ...[...homeless, ...foreign].map(
      ({ dnsName, reason, resource }) => `${dnsName} of ${resource} gets no record: ${reason}`,
    ),
    ...unfollowed.map((what) => `not simulated: ${what}`),
    ...unrouted.map(
      ({ dnsName, reason }) => `not simulated: the routing policy ${reason} of ${dnsName}`,
    ),
  ];
  return texts.map((text) => ({ where, text }));
}
