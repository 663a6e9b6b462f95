/**
 * shell/system/tar-archive — reads an archive that came as text: names and contents of its files.
 *
 * Upstream: POSIX.1-2017 pax, "ustar Interchange Format", "pax Header Block"; GNU's long names.
 */
import { bytesOf } from '../http/message.ts';

export const BLOCK = 512;

export interface Member {
  /** A folder's ends in a slash. */
  readonly name: string;
  readonly text: string;
}

/** What stands for bytes that are no UTF-8. */
const BROKEN = '�';

export class ArchiveReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Files and folders in order; or what is wrong. Links and devices are left out. */
  members(): readonly Member[] | string {
    if (this.#text.includes(BROKEN)) return 'ekstwin: only texts are kept in the twin';
    const members: Member[] = [];
    let longName: string | undefined;
    while (this.#at < this.#text.length) {
      const header = this.#take(BLOCK);
      if (header === undefined) return 'Unexpected EOF in archive';
      if (/^\0*$/.test(header)) break;
      const { name, size, type } = headerOf(header);
      if (Number.isNaN(size)) return 'This does not look like a tar archive';
      const text = this.#take(size);
      const padding = this.#take((BLOCK - (size % BLOCK)) % BLOCK);
      if (text === undefined || padding === undefined) return 'Unexpected EOF in archive';
      if (type === 'x') longName = /^\d+ path=(.*)$/m.exec(text)?.[1] ?? longName;
      else if (type === 'L') longName = text.replace(/\0+$/, '');
      else if (type === 'g') continue;
      else {
        const whole = longName ?? name;
        longName = undefined;
        if (type === '5') members.push({ name: `${whole.replace(/\/+$/, '')}/`, text: '' });
        else if (type === '0' || type === '\0' || type === '7') members.push({ name: whole, text });
      }
    }
    return members;
  }

  /** The next so many bytes; undefined: there are not as many. */
  #take(bytes: number): string | undefined {
    const start = this.#at;
    let left = bytes;
    while (left > 0) {
      const code = this.#text.codePointAt(this.#at);
      if (code === undefined) return undefined;
      const character = String.fromCodePoint(code);
      left -= bytesOf(character);
      this.#at += character.length;
    }
    return this.#text.slice(start, this.#at);
  }
}

function headerOf(header: string): {
  readonly name: string;
  readonly size: number;
  readonly type: string;
} {
  // Fields have places in bytes; before the size only the name may have longer characters.
  const extra = bytesOf(header) - header.length;
  const field = (from: number, to: number): string =>
    (header.slice(from - extra, to - extra).split('\0')[0] ?? '').trim();
  const name = header.slice(0, 100 - extra).split('\0')[0] ?? '';
  const prefix = field(257, 262) === 'ustar' ? field(345, 500) : '';
  const octal = field(124, 136);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: /^[0-7]*$/.test(octal) ? Number.parseInt(octal || '0', 8) : Number.NaN,
    type: header.charAt(156 - extra),
  };
}
