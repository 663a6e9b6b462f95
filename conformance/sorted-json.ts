/**
 * conformance/sorted-json — JSON whose text is the same where the values are: keys sorted, and the
 * lists of attributes, which come out of a Go map, by their key.
 */

const ATTRIBUTES = new Set([
  'listenerAttributes',
  'loadBalancerAttributes',
  'targetGroupAttributes',
]);

/** The value's one text. */
export function sortedJson(value: unknown, key = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) {
    const members = value.map((member) => sortedJson(member));
    return `[${(ATTRIBUTES.has(key) ? members.sort() : members).join(',')}]`;
  }
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, it]) => `${JSON.stringify(name)}:${sortedJson(it, name)}`).join(',')}}`;
}
