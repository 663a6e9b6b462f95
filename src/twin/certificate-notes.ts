/**
 * twin/certificate-notes — listeners that use a certificate no input describes. ACM is taken to
 * have it, issued: what names it is for nobody can say.
 */
import type { Note } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';

/** One note a certificate, in the order they are first used. */
export function certificateNotes(store: TwinStore): Note[] {
  const users = new Map<string, string>();
  for (const { certificateArns, loadBalancerArn, protocol, port } of store.list('elbv2/listener')) {
    const name = store.get('elbv2/load-balancer', loadBalancerArn)?.loadBalancerName;
    for (const arn of certificateArns)
      if (store.get('acm/certificate', arn) === undefined && !users.has(arn))
        users.set(arn, `${protocol}:${port} of ${name ?? loadBalancerArn}`);
  }
  return [...users].map(([arn, where]) => ({
    where: `listener ${where}`,
    text:
      `${arn} is in no input: assumed to be there, issued, and for the names asked for; ` +
      'add aws acm describe-certificate --output json',
  }));
}
