/** shell/text/base64 — a text's bytes in base 64. */
import { utf8 } from '../../sim/utf8.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** With its padding. */
export function base64Of(text: string): string {
  const bytes = utf8(text);
  let encoded = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => DIGITS[(three >> shift) & 63]!);
    const left = bytes.length - i;
    encoded += digits.slice(0, left > 2 ? 4 : left + 1).join('');
  }
  return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
}
