/** sim/utf8 — the bytes of a text, for digests: the core has no TextEncoder. */

/** UTF-8 bytes. */
export function utf8(text: string): readonly number[] {
  const encoded: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) encoded.push(code);
    else if (code < 0x800) encoded.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000)
      encoded.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      encoded.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
  }
  return encoded;
}
