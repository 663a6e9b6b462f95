/** cli/render/structured — `-o json|yaml`, as kubectl and the aws CLI lay them out. */

/** JSON with four blanks, as both CLIs print. */
export const asJson = (value: unknown): string => JSON.stringify(value, undefined, 4);

/**
 * YAML block style, quoted for readers of YAML 1.1 (kubectl's own, PyYAML): a text that they would
 * take for a time or a truth value is in quotes. The library is loaded only when it is asked for.
 */
export async function asYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  // Through JSON first: undefined members go, as they do in JSON.
  return stringify(JSON.parse(JSON.stringify(value)), {
    version: '1.1',
    lineWidth: 0,
    indentSeq: false,
  }).trimEnd();
}

/** The same with members in name order, as the API server's objects are printed by kubectl. */
export function inNameOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inNameOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inNameOrder(member)]));
}
