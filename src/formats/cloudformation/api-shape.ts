/**
 * formats/cloudformation/api-shape — properties that look as the service's own API has them, made
 * exactly so: in a template a number may be a text, and a text a number.
 */
import { isRecord } from '../source.ts';

const NUMBERS = new Set(['Weight', 'Order', 'DurationSeconds']);
const FLAGS = new Set(['Enabled', 'IgnoreClientCertificateExpiry']);

/** The value with each member of the type the API gives it. */
export function asApiShape(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => asApiShape(item, name));
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([member, it]) => [member, asApiShape(it, member)]),
    );
  if (value === undefined || value === null) return value;
  if (NUMBERS.has(name)) return Number(value);
  return FLAGS.has(name) ? String(value) === 'true' : String(value);
}
