/**
 * model/elbv2/classic-group — a Classic Load Balancer's instances at one port, named as if they
 * were a target group: what asks about targets asks about them alike.
 */

const PREFIX = 'classic-elb/';

/** The key of the instances at one port. */
export const classicGroupKey = (name: string, port: number): string => `${PREFIX}${name}/${port}`;

/** The Classic Load Balancer and port that a group's key stands for; undefined: a real group. */
export function classicOfGroup(
  arn: string,
): { readonly name: string; readonly port: number } | undefined {
  if (!arn.startsWith(PREFIX)) return undefined;
  const [name, port] = arn.slice(PREFIX.length).split('/');
  return { name: name!, port: Number(port) };
}
