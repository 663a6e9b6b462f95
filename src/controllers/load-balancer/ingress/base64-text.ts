/** load-balancer/ingress/base64-text — the text that base64 stands for; the core has no decoder. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** @param encoded  with or without padding; what is no digit is left out */
export function base64Text(encoded: string): string {
  let bytes = '';
  let held = 0;
  let bits = 0;
  for (const digit of encoded) {
    const value = DIGITS.indexOf(digit);
    if (value < 0) continue;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += `%${((held >> bits) & 0xff).toString(16).padStart(2, '0')}`;
  }
  return utf8Of(bytes);
}

/** Bytes that are no UTF-8 stay as they are, one character each. */
function utf8Of(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped.replace(/%(..)/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}
